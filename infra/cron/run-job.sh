#!/usr/bin/env bash
# Runs one job for yesterday, or for today so far, by UTC, as a line of a crontab (capture-purchases is of no day): one
# run of a job at a time, and again after exit 75 or 143. Ends with the job's exit code, 75 when another run did not end in time, 64 and
# 78 for its own command line and settings.
#
#   run-job.sh JOB [OPTION…]                         e.g. run-job.sh emr-clean --wait=2h
#   run-job.sh JOB --ds=2010-12-01 [--through=…]     a day, or days, of your choice
#
# Settings, from the environment:
#   RUNNER          docker (default), or node for the bundles
#   ENV_FILE        file of KEY=value lines that configures the job (default: none)
#   SCHEDULE_OFFSET how many days ago the day is: 1 (default) for yesterday, 0 for today, which is not over
#   DAYS            how many days, the last of them that day (default 1): 7 also mends what was missed
#   IMAGE_PREFIX    prefix of the image's name, e.g. registry.example.com/user-behaviour/
#   IMAGE_TAG       default latest
#   DOCKER_OPTIONS  more words for docker run, e.g. --network=host
#   BUNDLES         folder that has JOB/dist/main.mjs (default: packages/ of this checkout)
#   ATTEMPTS        how often to try (default 6)
#   RETRY_DELAY     seconds between tries (default 300)
#   LOCK_DIR        folder of the locks (default ~/.user-behaviour/lock)
#   LOCK_WAIT       seconds to wait for the run before this one (default 43200)
#   PING_URL        URL that receives the start and the exit code, by the protocol of healthchecks.io; needs curl
set -euo pipefail

jobs=(
  capture-purchases
  extract-purchases
  stage-reviews
  emr-clean
  redshift-load
)

# A closed output becomes one that refuses to be written, so that the job notices: Node would take /dev/null.
{ true 3>&1; } 2>/dev/null || exec 1</dev/null
true 3>&2 || exec 2</dev/null
# Nor does a full disk, or a pipe that nobody reads, end the tries.
trap '' PIPE
say() { printf 'run-job: %s\n' "$*" >&2 || true; }
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

job=${1:-}
known=
for name in "${jobs[@]}"; do
  if [[ $name == "$job" ]]; then known=yes; fi
done
if [[ -z $known ]]; then
  printf -v names ', %s' "${jobs[@]}"
  fail 64 "expected the name of a job, not '$job': one of ${names:2}"
fi
shift

whole_number() {
  local value=${!1}
  [[ $value =~ ^[0-9]{1,6}$ ]] || fail 78 "$1 is '$value': expected a whole number"
}
SCHEDULE_OFFSET=${SCHEDULE_OFFSET:-1}
if [[ ! $SCHEDULE_OFFSET =~ ^[01]$ ]]; then
  fail 78 "SCHEDULE_OFFSET is '$SCHEDULE_OFFSET': expected 0 for today, or 1 for yesterday"
fi
DAYS=${DAYS:-1} ATTEMPTS=${ATTEMPTS:-6} RETRY_DELAY=${RETRY_DELAY:-300} LOCK_WAIT=${LOCK_WAIT:-43200}
for setting in DAYS ATTEMPTS RETRY_DELAY LOCK_WAIT; do whole_number "$setting"; done
if ((10#$DAYS < 1 || 10#$ATTEMPTS < 1)); then fail 78 'DAYS and ATTEMPTS must be at least 1'; fi
if [[ -n ${ENV_FILE:-} && ! -r $ENV_FILE ]]; then fail 78 "ENV_FILE $ENV_FILE cannot be read"; fi

# A UTC day has 86400 seconds, whatever the zone of this machine. Told once, before any waiting: a
# retry past midnight is still about the same day.
now=$(date +%s)
day_before() {
  local seconds=$((now - 86400 * 10#$1))
  date -u -d "@$seconds" +%F 2>/dev/null || date -u -r "$seconds" +%F
}
days=("--ds=$(day_before "$((10#$DAYS - 1 + SCHEDULE_OFFSET))")")
if ((10#$DAYS > 1)); then days+=("--through=$(day_before "$SCHEDULE_OFFSET")"); fi
for option in "$@"; do
  if [[ $option == --ds || $option == --ds=* ]]; then days=(); fi
done
if [[ $job == capture-purchases ]]; then days=(); fi

read -ra docker_options <<<"${DOCKER_OPTIONS:-}"
command=()
case ${RUNNER:-docker} in
docker)
  # A job takes up to 20 s to cancel what is under way; docker stop would leave it 10.
  command=(docker run --rm --init --stop-timeout=40 --read-only --cap-drop=ALL
    --security-opt=no-new-privileges --memory=512m)
  if [[ -n ${ENV_FILE:-} ]]; then command+=(--env-file "$ENV_FILE"); fi
  # The trace that this run belongs to, if its caller has one.
  for name in TRACEPARENT TRACESTATE; do
    if [[ -n ${!name:-} ]]; then command+=("--env=$name"); fi
  done
  command+=("${docker_options[@]}" "${IMAGE_PREFIX:-}$job:${IMAGE_TAG:-latest}")
  ;;
node)
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  command=(node --max-semi-space-size=8)
  if [[ -n ${ENV_FILE:-} ]]; then command+=("--env-file=$ENV_FILE"); fi
  command+=("${BUNDLES:-$here/../../packages}/$job/dist/main.mjs")
  ;;
*) fail 78 "RUNNER is '$RUNNER': expected docker or node" ;;
esac
command+=("${days[@]}" --log-format=json "$@")

# ping SUFFIX: two seconds at most, and never a change of the exit code. The address is a secret: ps would show an option.
ping() {
  [[ -n ${PING_URL:-} ]] || return 0
  printf 'url = "%s"\n' "${PING_URL%/}$1" |
    curl --config - --silent --fail --max-time 2 --output /dev/null --request POST ||
    say "the ping was not sent: curl ended with $?"
}
trap 'ping "/$?"' EXIT

child=
stopped=
trap 'stopped=yes; [[ -z $child ]] || kill -TERM "$child" 2>/dev/null || true' TERM INT HUP

# run COMMAND…: its exit code, in $code; a signal reaches it, and its own end is waited for.
run() {
  "$@" &
  child=$!
  # The signal may have come before there was a child to send it to.
  if [[ -n $stopped ]]; then kill -TERM "$child" 2>/dev/null || true; fi
  wait "$child" || true
  # A trapped signal ends the wait, not the child.
  while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
  code=0
  wait "$child" || code=$?
  child=
}

# The lock is the job's, too: it is free when both have ended, however they end.
lock=${LOCK_DIR:-$HOME/.user-behaviour/lock}/$job
mkdir -p "$(dirname "$lock")"
exec 9>"$lock"
run flock --wait "$LOCK_WAIT" 9
if [[ -n $stopped ]]; then exit 143; fi
if ((code != 0)); then
  fail 75 "another run of $job has not ended within $LOCK_WAIT s: it holds $lock"
fi

ping /start
for ((attempt = 1; ; attempt++)); do
  if [[ -n $stopped ]]; then exit 143; fi
  run "${command[@]}"
  if [[ -n $stopped ]]; then exit "$code"; fi
  if ((code != 75 && code != 143)); then exit "$code"; fi
  if ((attempt >= 10#$ATTEMPTS)); then break; fi
  say "$job ended with $code: again in $RETRY_DELAY s (try $attempt of $ATTEMPTS)"
  run sleep "$RETRY_DELAY" 9>&-
done
say "$job ended with $code, and so did the tries before: given up after $ATTEMPTS"
exit "$code"
