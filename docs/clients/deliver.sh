#!/bin/sh
# deliver.sh host port user private-key host-key bundle.xml [list.csv ...]
set -eu
host=$1 port=$2 user=$3 key=$4 host_key=$5 xml=$6
shift 6
name=$(basename "$xml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $port in 22) printf '%s %s\n' "$host" "$host_key" ;; *) printf '[%s]:%s %s\n' "$host" "$port" "$host_key" ;; esac >"$work/known_hosts"
: >"$work/ok"

run_sftp() {
    sftp -q -b - -P "$port" -i "$key" -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes \
        -o "UserKnownHostsFile=$work/known_hosts" "$user@$host"
}

# A line that begins with "-" may fail: the report of an earlier run may not be there.
printf -- '-rm "report.%s"\n-rm "report.%s.done"\n' "$name" "$name" | run_sftp >/dev/null 2>&1 || true
{
    for list in "$@"; do printf 'put "%s"\n' "$list"; done
    printf 'put "%s"\n' "$xml"
    printf 'put "%s/ok" "%s.ok"\n' "$work" "${name%.*}"
} | run_sftp >/dev/null

tries=0
until printf 'get "report.%s.done" "%s/report"\n' "$name" "$work" | run_sftp >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt "${DELIVER_TRIES:-360}" ] || { echo "$name: no report yet, look at the space later" >&2; exit 1; }
    sleep "${DELIVER_PAUSE:-5}"
done

error=$(tr '\n' ' ' <"$work/report" | sed -n 's/.*<error[^>]*>\([^<]*\)<\/error>.*/\1/p')
if [ -n "$(printf '%s' "$error" | tr -d '[:space:]')" ]; then
    echo "$name: $error" >&2
    exit 1
fi
echo "$name: accepted"
