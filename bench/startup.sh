#!/bin/sh
# From the command to the first answer of GET /health: the launcher's way (unpacked, with its cache) against the plain fat jar,
# in turns, and the ratio of the medians. Wall time wants an idle machine; processor time says nearly the same on a busy one.
#   bench/startup.sh [rounds]        (5 rounds by default)
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-5}
jdk=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
target=$PWD/bandit-service/target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

./bandit warm-up
cache=$(ls "$target"/app/start-*.aot)

start() { # name, jar, options...
  name=$1 jar=$2
  shift 2
  port=$((20000 + $$ % 10000))
  began=$(date +%s%N)
  "$jdk/bin/java" "$@" "-Dbandit.embedded.binaries=$target/embedded" -jar "$jar" serve --port=$port --data-dir="$work/data" \
    >"$work/log" 2>&1 &
  service=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$port/health"; do
    kill -0 "$service" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.01
  done
  wall=$((($(date +%s%N) - began) / 1000000))
  ticks=$(awk '{print $14 + $15}' "/proc/$service/stat")
  cpu=$((ticks * 1000 / $(getconf CLK_TCK)))
  kill "$service"
  wait "$service" 2>/dev/null || true
  echo "$name $wall $cpu" | tee -a "$work/times" | awk '{printf "%-6s wall %6d ms   processor %6d ms\n", $1, $2, $3}'
}

median() { # name, column
  awk -v name="$1" -v column="$2" '$1 == name {print $column}' "$work/times" | sort -n |
    awk '{value[NR] = $1} END {print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'
}

# The first start makes the databases and is not counted.
start first "$target/bandit-service.jar" >/dev/null
for round in $(seq "$rounds"); do
  start fat "$target/bandit-service.jar"
  start bandit "$target/app/bandit-service.jar" "-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off
done
echo "$(median bandit 2) $(median fat 2) $(median bandit 3) $(median fat 3)" |
  awk '{printf "ratio of the medians: wall %.2f, processor %.2f\n", $1 / $2, $3 / $4}'
