#!/bin/sh
# A log of 26 million rounds (ROWS) into an S3 server on this machine and out of it again: time and peak memory of ingest, of ope that has
# to fetch the log first, and of ope that has it. The server is S3Proxy over a folder, a process of its own. Needs 40 GB in TMPDIR.
# DATA names a log that `./bandit ingest --generate` has made, to spare that.
set -eu
cd "$(dirname "$0")/.."

rows=${ROWS:-26000000}
JAVA_HOME=${JAVA_HOME:-$(sh .mvn/find-jdk.sh)}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

./mvnw -q -B -ntp -Dquick -DskipTests -pl bandit-pipeline,bandit-s3proxy -am package
bandit="$JAVA_HOME/bin/java -jar bandit-pipeline/target/bandit-pipeline.jar"
data=${DATA:-$work/data}
[ -d "$data" ] || $bandit ingest --generate "$rows" --behavior bts --campaign men --to "$data"

port=$((20000 + $$ % 20000))
mkdir "$work/s3"
printf '%s\n' "s3proxy.endpoint=http://127.0.0.1:$port" s3proxy.authorization=none jclouds.provider=filesystem-nio2 \
  "jclouds.filesystem.basedir=$work/s3" >"$work/s3proxy.properties"
# Or it would write down every byte that it is sent.
echo '<configuration><root level="OFF"/></configuration>' >"$work/logback.xml"
"$JAVA_HOME/bin/java" -Xmx512m "-Dlogback.configurationFile=$work/logback.xml" -cp 'bandit-s3proxy/target/jars/*' org.gaul.s3proxy.Main --properties "$work/s3proxy.properties" \
  >"$work/s3proxy.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl -s -o "$work/answer" "http://127.0.0.1:$port/" && break
  sleep 0.2
done
curl -sS -X PUT "http://127.0.0.1:$port/logs"
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any BANDIT_CACHE=$work/cache

measured() { # what command ...
  what=$1
  shift
  began=$(date +%s%N)
  "$@" >"$work/out" &
  pid=$!
  peak=0
  while kill -0 $pid 2>/dev/null; do
    now=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
    [ "${now:-0}" -gt $peak ] && peak=$now
    sleep 0.05
  done
  wait $pid
  echo "$what: $(awk "BEGIN {printf \"%.1f\", ($(date +%s%N) - $began) / 1e9}") s, peak memory $((peak / 1024)) MiB"
}

measured "ingest" $bandit ingest --from "$data" --store s3://logs/obd
tail -2 "$work/out"
measured "the same again" $bandit ingest --from "$data" --store s3://logs/obd
ope="$bandit ope --store s3://logs/obd --behavior bts --campaign men --policy uniform"
measured "ope, the log fetched" $ope
measured "ope, the log kept here" $ope
head -4 "$work/out"
