#!/usr/bin/env bash
# Tests the DAG with a real Airflow in a separate environment, .local/airflow (about 450 MB,
# some minutes at first). Needs Python 3.11 or newer: PYTHON=… names one.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(cd "$here/../.." && pwd)/.local/airflow
wanted=$(cksum <"$here/requirements.txt")

if [[ $(cat "$venv/.installed" 2>/dev/null || true) != "$wanted" ]]; then
  echo 'test-airflow: installing Airflow into .local/airflow' >&2
  "${PYTHON:-python3}" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt"
  echo "$wanted" >"$venv/.installed"
fi

# make names a folder that `make install` would have made.
mkdir -p "${TMPDIR:-/tmp}"
# A home that is new each time: no settings, connections or DAGs of this machine.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export AIRFLOW_HOME=$home AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER=$here
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:///$home/airflow.db PYTHONDONTWRITEBYTECODE=1
"$venv/bin/airflow" db migrate >"$home/migrate.log" 2>&1 || {
  cat "$home/migrate.log" >&2
  exit 1
}
"$venv/bin/python" -m pytest -p no:cacheprovider "$here/tests" "$@"
