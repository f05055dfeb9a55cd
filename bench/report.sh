#!/bin/sh
# A report on 10,000,000 events: the first full count, then from running totals; docs/benchmarks.md has the figures.
#   bench/report.sh
# Settings go through JAVA_OPTS: -Dbench.events=10000000, -Dbench.rounds=5. Needs a JDK 25 (JAVA_HOME, or one where .mvn/find-jdk.sh looks).
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-service/target

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-service -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath

exec "$JAVA_HOME/bin/java" -Xmx1g -XX:+UseSerialGC "-Dbandit.embedded.binaries=$target/embedded" ${JAVA_OPTS:-} \
  -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" dev.bandit.bench.ReportBench
