#!/bin/sh
# A made up log of the Open Bandit Dataset's shape into a store, beside DuckDB's own COPY of the same file, by turns.
#   bench/ingest.sh [ROWS] [ROUNDS] [gzip]      (default: 4,000,000 rows, 5 rounds; a row is 320 bytes)
# Needs a JDK 25 (JAVA_HOME, or one where .mvn/find-jdk.sh looks) and twice the log's size under TMPDIR.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
target=$PWD/bandit-pipeline/target

${MVN:-./mvnw} -q -B -ntp -Dquick -DskipTests -pl bandit-pipeline -am package \
  dependency:build-classpath -Dmdep.outputFile=target/bench.classpath

exec "$JAVA_HOME/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED "-Djava.io.tmpdir=${TMPDIR:-/tmp}" \
  -cp "$target/test-classes:$target/classes:$(cat "$target/bench.classpath")" \
  dev.bandit.pipeline.bench.IngestBench "${1:-4000000}" "${2:-5}" ${3:+"$3"}
