#!/bin/sh
# `./bandit ope`, all estimators on a made up log of the Open Bandit Dataset's shape: beside DuckDB's own aggregate of inverse propensity
# weighting on the same Parquet, in one process by turns; and beside the Open Bandit Pipeline on as many rows as it is given, whole process
# against its estimators alone, without reading the file and without intervals. Peak memory is that of the process (VmHWM).
#   bench/ope.sh [ROWS] [ROUNDS] [ROWS-FOR-THE-OTHER]      (default: 26,000,000 rows, 5 rounds, 2,000,000)
# Needs a JDK 25, twice 320 bytes a row under TMPDIR, and for the last part a Python 3.9 (PYTHON, or VENV with obp 0.5.5 in it).
set -eu
cd "$(dirname "$0")/.."
rows=${1:-26000000} rounds=${2:-5} few=${3:-2000000}
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-pipeline/target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-pipeline -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
./bandit ope --help >/dev/null # builds what is missing
bandit="$JAVA_HOME/bin/java -jar bandit-pipeline/target/app/bandit-pipeline.jar"

seconds() { # command ...
  began=$(date +%s%N)
  "$@" >"$work/out"
  echo $((($(date +%s%N) - began) / 1000000)) | awk '{printf "%.2f", $1 / 1000}'
}

for size in $rows $few; do
  $bandit ingest --generate "$size" --seed 1 --behavior bts --campaign men --to "$work/data-$size" >/dev/null
  echo "ingest of $size rows: $(seconds $bandit ingest --from "$work/data-$size" --store "$work/store-$size") s"
done

"$JAVA_HOME/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED \
  -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" dev.bandit.pipeline.bench.OpeBench "$work/store-$rows" "$rounds"

for size in $rows $few; do
  $bandit ope --store "$work/store-$size" --behavior bts --campaign men --policy uniform >/dev/null &
  pid=$!
  peak=0
  while kill -0 $pid 2>/dev/null; do
    peak=$(awk -v peak="$peak" '/VmHWM/ {peak = ($2 > peak) ? $2 : peak} END {print peak}' "/proc/$pid/status" 2>/dev/null || echo "$peak")
    [ -n "$peak" ] || peak=0
    sleep 0.05
  done
  echo "peak memory with $size rows: $((peak / 1024)) MiB"
done

venv=${VENV:-}
if [ -z "$venv" ]; then
  venv=$work/venv
  "${PYTHON:-python3.9}" -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check --no-deps obp==0.5.5
  "$venv/bin/pip" install -q --disable-pip-version-check 'numpy<2' 'scipy<1.14' scikit-learn pandas
fi
for round in $(seq "$rounds"); do
  ours=$(seconds $bandit ope --store "$work/store-$few" --behavior bts --campaign men --policy uniform)
  theirs=$("$venv/bin/python" bench/ope.py "$work/data-$few/bts/men/men.csv" "$few")
  echo "$ours $theirs" | awk -v round="$round" -v rows="$few" \
    '{printf "round %d, %d rows: ope %.2f s (whole process), Open Bandit Pipeline %.2f s, ratio %.1f\n", round, rows, $1, $2, $2 / $1}'
done
