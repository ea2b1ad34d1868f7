#!/usr/bin/env bash
# Sends the telemetry of two days to a real OpenTelemetry collector. It is built with Go at first, in .local/otel
# (some minutes, 1 GB of sources, which are removed again).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$here/../.." && pwd)/.local/otel
version=v0.161.0
wanted=$(cksum <"$here/builder.yaml")

command -v go >/dev/null || {
  echo 'test-otel: Go is missing: install Go 1.25 or newer' >&2
  exit 78
}
# make names a folder that `make install` would have made.
mkdir -p "${TMPDIR:-/tmp}"
if [[ $(cat "$folder/.built" 2>/dev/null || true) != "$wanted" ]]; then
  echo 'test-otel: building a collector in .local/otel' >&2
  mkdir -p "$folder"
  export GOBIN=$folder GOMODCACHE=$folder/modules GOCACHE=$folder/cache
  go install "go.opentelemetry.io/collector/cmd/builder@$version"
  (cd "$folder" && ./builder --config="$here/builder.yaml")
  go clean -modcache -cache
  echo "$wanted" >"$folder/.built"
fi
COLLECTOR=$folder/build/collector exec node "$here/send.ts" "$here/collector.yaml"
