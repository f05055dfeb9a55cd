#!/bin/sh
# `./bandit what-if` on the ledger of a real service, filled by SQL: time and peak memory (VmHWM) of the whole process, with the JVM's own
# idea of a heap (a quarter of the machine) and with 64 MB.
#   bench/what-if.sh [ROUNDS] [ROWS ...]      (default: 3 rounds, 1,000,000 and then 5,000,000 rows)
# Linux; needs a JDK 25 and half a kilobyte a row under TMPDIR. It ends by itself after 20 minutes at the latest.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 1000000 5000000
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-pipeline/target

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-service,bandit-pipeline -am package
${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-pipeline -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath

cd bandit-pipeline
exec timeout 1200 "$JAVA_HOME/bin/java" -Xmx256m -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" \
  dev.bandit.pipeline.bench.WhatIfBench "$rounds" "$@"
