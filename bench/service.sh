#!/bin/sh
# Benchmarks of the service, each beside its ceiling in the same run, taking turns; docs/benchmarks.md says what and how.
#   bench/service.sh [select|batch|reward|relay|all]...        (all by default)
# Settings go through JAVA_OPTS: -Dbench.rounds=5, -Dbench.requests=20000, -Dbench.profile=true (select: where the time goes).
# Needs a JDK 25 (JAVA_HOME, or one where .mvn/find-jdk.sh looks); reward needs redis-benchmark (REDIS_BENCHMARK, or on the path).
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-service/target

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-service -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath

exec "$JAVA_HOME/bin/java" -Xmx1g -XX:+UseSerialGC "-Dbandit.embedded.binaries=$target/embedded" \
  "-Dbench.redis-benchmark=${REDIS_BENCHMARK:-redis-benchmark}" ${JAVA_OPTS:-} \
  -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" dev.bandit.bench.ServiceBench "${@:-all}"
