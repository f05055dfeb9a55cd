# leash SIGNAL LOG COMMAND...
# Runs COMMAND for as long as standard input stays open, then sends it SIGNAL and waits for it to end.
signal=$1
log=$2
shift 2

# Ctrl-C, hang-ups and a broken pipe are the service's business. The servers install handlers of their own.
trap '' HUP INT QUIT TERM PIPE
# Without setsid (macOS) job control gives the server a process group of its own.
command -v setsid >/dev/null 2>&1 || set -m

# The service notes down who we are, then says go; if it is gone by then, nothing was started.
read -r go || exit 0
exec 3<&0 </dev/null

# A JVM leaves a signal ignored that it finds ignored.
(trap - TERM; exec "$@") 3<&- >>"$log" 2>&1 &
server=$!
echo "$server"
exec >/dev/null

{ read -r end <&3; kill -s "$signal" "$server"; } 2>/dev/null &
watcher=$!

wait "$server"
status=$?
kill -s KILL "$watcher" 2>/dev/null
exit "$status"
