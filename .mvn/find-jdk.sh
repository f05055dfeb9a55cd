#!/bin/sh
# Prints the home of a JDK 25 or later; says nothing and fails when there is none.

is_recent_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${major:-0}" -ge 25 ]
}

on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path" 2>/dev/null)
for home in "${JAVA_HOME-}" "${on_path%/bin/java}" /usr/lib/jvm/* /usr/local/lib/jvm/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
  if [ -n "$home" ] && is_recent_jdk "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done
exit 1
