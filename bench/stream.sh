#!/bin/sh
# The stream test with many events: a real broker, Redis and PostgreSQL, 5 % duplicates, 0.1 % poison; Redis away, a kill -9 of the
# service and of the broker and a second replica in the middle; totals against a plain recount, dead letters against the poison that was sent.
#   bench/stream.sh [EVENTS]        (2000000 by default)
# Needs a JDK 25 (JAVA_HOME, or one where .mvn/find-jdk.sh looks). BANDIT_STREAM_SEED chooses another stream of events.
set -eu
cd "$(dirname "$0")/.."
JAVA_HOME=$(sh .mvn/find-jdk.sh) || { echo "needs a JDK 25" >&2; exit 1; }
export JAVA_HOME

exec ${MVN:-./mvnw} -B -ntp -Dquick -pl bandit-service -am test -Dtest=StreamIT -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dbandit.stream.events=${1:-2000000}" "-Dbandit.stream.seed=${BANDIT_STREAM_SEED:-20261122}"
