#!/bin/sh
# Benchmarks of bandit-core: JMH, and NumPy's Thompson draw in the same run, taking turns.
#   bench/core-math.sh [rounds]          (3 rounds by default, about three minutes)
# Each figure is the least of some hundred short measurements, JMH's and NumPy's alike, so that other load on the machine
# shows as little as possible; the ratio is taken round by round.
# Needs Maven, a JDK 25 (JAVA_HOME, or one under /usr/lib/jvm) and a Python with NumPy (PYTHON, default python3).
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
python=${PYTHON:-python3}
unset OPENBLAS_CORETYPE

java=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
    if [ -x "$home/bin/java" ] && "$home/bin/java" -version 2>&1 | grep -q '"25'; then
        java=$home/bin/java
        break
    fi
done
[ -n "$java" ] || { echo "No JDK 25: set JAVA_HOME" >&2; exit 1; }
"$python" -c 'import numpy' || { echo "No NumPy: set PYTHON" >&2; exit 1; }

mvn -q -B -Pbench -pl bandit-core test-compile
module=bandit-core/target/bench
path=$module/test-classes:$module/classes:$(cat $module/benchmark.classpath)
results=$module/benchmarks
mkdir -p $results
rm -f $results/*

jmh() { # name, pattern and further arguments
    name=$1
    shift
    "$java" -cp "$path" org.openjdk.jmh.Main -wi 2 -i 300 -r 10ms -rf json -rff "$results/$name.json" "$@" > "$results/$name.log" 2>&1 ||
        { cat "$results/$name.log" >&2; exit 1; }
}

for round in $(seq "$rounds"); do
    for arms in 10 1000; do
        jmh "draw-$arms-$round" DrawBenchmark.thompson -p arms=$arms
        "$python" bench/core-numpy.py $arms > "$results/numpy-$arms-$round"
    done
done
jmh distribution DrawBenchmark.distribution
jmh best BestArmBenchmark

"$python" - "$results" "$rounds" <<'PYTHON'
import json, statistics, sys
folder, rounds = sys.argv[1], int(sys.argv[2])

def rows(name):
    with open(f"{folder}/{name}.json") as file:
        for run in json.load(file):
            least = min(value for fork in run["primaryMetric"]["rawData"] for value in fork)
            yield run["benchmark"].split(".")[-1], int(run["params"]["arms"]), least

print("| microseconds | arms | JDK | NumPy | NumPy / JDK |\n|---|---|---|---|---|")
for arms in (10, 1000):
    ours = [next(rows(f"draw-{arms}-{r}"))[2] for r in range(1, rounds + 1)]
    theirs = [float(open(f"{folder}/numpy-{arms}-{r}").read()) for r in range(1, rounds + 1)]
    ratios = [b / a for a, b in zip(ours, theirs)]
    print(f"| Thompson draw | {arms:,} | {statistics.median(ours):.3f} | {statistics.median(theirs):.2f} "
          f"| {statistics.median(ratios):.1f} (least {min(ratios):.1f}) |")
for name, arms, score in rows("distribution"):
    print(f"| draw from the distribution | {arms:,} | {score:.4f} | | |")
for name, arms, score in rows("best"):
    print(f"| P(best), {name} posteriors | {arms:,} | {score:,.1f} | | |")
PYTHON
