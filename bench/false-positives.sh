#!/bin/sh
# The table of false positives in docs/statistics.md: simulated A/A experiments, seeded, so that it comes out the same every time.
#   bench/false-positives.sh [runs]         (1000 runs by default, about ten minutes on two cores)
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME
list=$(mktemp)
trap 'rm -f "$list"' EXIT
./mvnw -q -B -pl bandit-core test-compile dependency:build-classpath -Dmdep.outputFile="$list"
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -cp "bandit-core/target/test-classes:bandit-core/target/classes:$(cat "$list")" \
  dev.bandit.core.simulation.FalsePositivesTable "$@"
