#!/usr/bin/env bash
# Runs the crontab of docs/deploying-cron.md in a real cron, with its lines due in the next minute. A
# program replaces Docker: it records how it was called, and exits with 75 at first.
# Needs root and Debian's cron, which it installs if it is missing. Nothing of this machine's own
# crontabs runs or changes: cron gets separate folders, in a mount namespace. Takes up to two minutes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { printf 'test-cron: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

if [[ ${1:-} != inside ]]; then
  if ((EUID != 0)); then fail "cron changes users, so this takes root; e.g. sudo $0, or a container"; fi
  if ! command -v cron >/dev/null; then
    command -v apt-get >/dev/null || fail 'there is no cron here, and no apt-get to install it'
    say 'installing cron'
    apt-get install -y -qq --no-install-recommends cron >&2 ||
      fail 'cron cannot be installed; try apt-get update before'
  fi
  trial=$(mktemp -d)
  trap 'rm -rf "$trial"' EXIT
  unshare --mount --propagation private -- "$0" inside "$trial"
  exit
fi

trial=$2
# The jobs that the documented crontab runs.
mapfile -t jobs < <(sed -n 's/^15 0 .*run-job\.sh \([a-z-]*\) .*/\1/p' "$here/../../docs/deploying-cron.md")
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/cron.d
mount -t tmpfs tmpfs /var/spool/cron
if [[ -e /etc/crontab ]]; then mount --bind /dev/null /etc/crontab; fi
mkdir -m 1730 /var/spool/cron/crontabs

mkdir "$trial/bin" "$trial/logs"
echo 'PIPELINE_BUCKET=example-user-behaviour' >"$trial/job.env"
cat >"$trial/bin/docker" <<'STAND_IN'
#!/bin/bash
printf '%s\n' "$*" >>"$HOME/calls"
[[ $* =~ team/[a-z-]+: ]]
(($(grep -cF "${BASH_REMATCH[0]}" "$HOME/calls") > 1)) || exit 75
STAND_IN
chmod +x "$trial/bin/docker"

yesterday() { date -u -d yesterday +%F; }
first_day=$(yesterday)
# cron looks at each full minute; one that is about to begin may be too near.
due=$(date -u -d "$(($(date -u +%-S) < 50 ? 1 : 2)) minutes" '+%-M %-H')
{
  printf 'HOME=%s\nRETRY_DELAY=1\n' "$trial"
  # shellcheck disable=SC2016  # Those are Markdown's.
  sed -n '/^```crontab$/,/^```$/{/^```/!p};/^15 0 .*redshift-load/q' "$here/../../docs/deploying-cron.md" |
    sed -e "s|^15 0 |$due |" -e "s|/opt/user-behaviour/run-job.sh|$here/run-job.sh|" \
      -e "s|^PATH=|&$trial/bin:|" -e "s|^ENV_FILE=.*|ENV_FILE=$trial/job.env|" \
      -e 's|^IMAGE_PREFIX=.*|IMAGE_PREFIX=registry.example.com/team/|' \
      -e 's|^IMAGE_TAG=.*|IMAGE_TAG=9.8.7|' -e "s|^LOGS=.*|LOGS=$trial/logs|"
} >"$trial/crontab"
crontab -u root "$trial/crontab"
# Debian's cron does not know CRON_TZ and goes by its own zone.
TZ=UTC cron -f &
daemon=$!
trap 'kill "$daemon"; wait "$daemon" || true' EXIT

say "waiting for cron $(dpkg-query -W -f '${Version}' cron 2>/dev/null || true)"
calls() { cat "$trial/calls" 2>/dev/null || true; }
for ((second = 0; second < 180; second++)); do
  if (($(calls | wc -l) >= 2 * ${#jobs[@]})); then break; fi
  kill -0 "$daemon" 2>/dev/null || fail 'cron has ended'
  sleep 1
done
# A process that holds a lock is still running.
for job in "${jobs[@]}"; do
  lock=$trial/.user-behaviour/lock/$job
  [[ -e $lock ]] || fail "$job took no lock"
  flock --wait 10 "$lock" true || fail "$job does not end"
done

days="($first_day|$(yesterday))"
for job in "${jobs[@]}"; do
  wanted="^run .*--env-file $trial/job.env registry.example.com/team/$job:9\.8\.7 --ds=$days --log-format=json"
  count=$(calls | grep -cE "$wanted" || true)
  ((count == 2)) || fail "$job was started $count times, not twice:"$'\n'"$(calls)"
  grep -q "$job ended with 75: again in 1 s" "$trial/logs/$job.log" || fail "$job was not tried again"
done
(($(calls | wc -l) == 2 * ${#jobs[@]})) || fail "there were more starts:"$'\n'"$(calls)"
for option in 'extract-purchases.* --look-back=7$' 'emr-clean.* --wait=2h$' 'redshift-load.* --wait=5h --look-back=14$'; do
  calls | grep -q "$option" || fail "no call fits $option"
done
calls
say 'ok: four jobs, for yesterday UTC, each with its lock and tried again after 75'
