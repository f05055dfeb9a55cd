#!/bin/sh
# Decisions a second of `./bandit simulate`, and of the same Thompson sampling in a NumPy loop and in MABWiser, taking turns:
# 10 arms, horizon 100,000. Ours is the whole process, start and printing included, over all processors; theirs is one Python
# without its start. The ratio is taken round by round.
#   bench/simulate.sh [rounds]              (3 rounds by default, about two minutes)
# Needs a JDK 25 and a Python (PYTHON, default python3); NumPy and MABWiser are installed into a folder that is removed
# afterwards, or VENV names an environment that has them.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
horizon=100000
replications=1000
rates="0.100 0.095 0.090 0.085 0.080 0.075 0.070 0.065 0.060 0.120"
jdk=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
venv=${VENV:-}
if [ -z "$venv" ]; then
  venv=$work/venv
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check numpy==2.4.* mabwiser==2.7.4
fi

prob=
number=0
for rate in $rates; do
  number=$((number + 1))
  prob=$prob${prob:+,}arm$number=$rate
done

./bandit simulate --prob "$prob" --horizon 10 --replications 2 >/dev/null # builds what is missing
for round in $(seq "$rounds"); do
  began=$(date +%s%N)
  "$jdk/bin/java" -jar bandit-pipeline/target/app/bandit-pipeline.jar simulate --prob "$prob" --horizon $horizon \
    --replications $replications --seed "$round" --format json >"$work/ours"
  nanos=$(($(date +%s%N) - began))
  ours=$((horizon * replications * 1000 / (nanos / 1000000)))
  # shellcheck disable=SC2086
  numpy=$("$venv/bin/python" bench/simulate.py numpy $horizon 8 $rates)
  # shellcheck disable=SC2086
  mabwiser=$("$venv/bin/python" bench/simulate.py mabwiser $horizon 8 $rates)
  echo "$ours $numpy $mabwiser" | tee -a "$work/figures" |
    awk -v round="$round" '{printf "round %d: simulate %d, NumPy %d, MABWiser %d decisions a second\n", round, $1, $2, $3}'
done

median() { # expression of awk
  awk "{print $1}" "$work/figures" | sort -g | awk '{value[NR] = $1} END {print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'
}
awk -v ours="$(median '$1')" -v numpy="$(median '$2')" -v mab="$(median '$3')" -v toNumpy="$(median '$1 / $2')" -v toMab="$(median '$1 / $3')" \
  'BEGIN {
    print "| | decisions a second | of it |"
    print "|---|---|---|"
    printf "| simulate | %d | 1 |\n| NumPy loop | %d | %.0f times as many |\n| MABWiser | %d | %.0f times as many |\n", ours, numpy, toNumpy, mab, toMab
  }'
