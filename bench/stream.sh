#!/bin/sh
# Streams, measured and tried hard; docs/benchmarks.md says what and how.
#   bench/stream.sh listener            the listener beside a plain consumer, same reader
#   bench/stream.sh ingest              rewards from Kafka into posteriors and ledger, beside one reward a script
#   bench/stream.sh traffic             made up events to a broker, as fast as they go
#   bench/stream.sh soak                memory over 20,000,000 rewards
#   bench/stream.sh faults [EVENTS]     2,000,000 web events, 5 % of them twice, 0.1 % poison; Redis away, a kill -9 of the service and of
#                                       the broker and a second replica in the middle; totals against a plain recount, dead letters against
#                                       the poison that was sent. BANDIT_STREAM_SEED chooses another stream of events.
# Settings go through JAVA_OPTS: -Dbench.rounds=5, -Dbench.records=1000000 (listener), -Dbench.rewards=500000 (ingest; soak: 20000000).
# Needs a JDK 25 (JAVA_HOME, or one where .mvn/find-jdk.sh looks); ingest needs redis-benchmark (REDIS_BENCHMARK, or on the path).
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-service/target

case ${1:-} in
  faults)
    exec ${MVN:-./mvnw} -B -ntp -Dquick -pl bandit-service -am test -Dtest=StreamIT -Dsurefire.failIfNoSpecifiedTests=false \
      "-Dbandit.stream.events=${2:-2000000}" "-Dbandit.stream.seed=${BANDIT_STREAM_SEED:-20261122}" ;;
  listener | ingest | traffic | soak) ;;
  *) sed -n '2,12p' "$0" >&2; exit 2 ;;
esac

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-service -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath

exec "$JAVA_HOME/bin/java" -Xmx1g -XX:+UseSerialGC "-Dbandit.embedded.binaries=$target/embedded" \
  "-Dbench.redis-benchmark=${REDIS_BENCHMARK:-redis-benchmark}" ${JAVA_OPTS:-} \
  -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" dev.bandit.bench.StreamBench "$1"
