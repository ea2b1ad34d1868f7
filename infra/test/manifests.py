"""Reads manifests and checks them against Kubernetes' own schemas, for the tests in TypeScript.

manifests.py read FILE...      prints {FILE: [document, ...]} as JSON
manifests.py check VERSION...  takes [document, ...] as JSON, prints a list of faults
"""

import json
import sys
from pathlib import Path

import yaml


def read(paths: list[str]) -> dict[str, list[object]]:
    return {path: list(yaml.safe_load_all(Path(path).read_text())) for path in paths}


def check(documents: list[dict], versions: list[str]) -> list[str]:
    """Strict: a field that the schema does not know is a fault."""
    # A slow import, which reading does not need.
    from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

    faults = []
    for document in documents:
        name = f"{document['kind']}/{document['metadata']['name']}"
        for version in versions:
            try:
                # Falls back to an older release in silence where it has none of this version.
                used = validate(document, version, strict=True)
                if used != version:
                    faults.append(f"{name}: no schema of {version}, only of {used}")
            except ValidationError as fault:
                where = "/".join(str(part) for part in fault.absolute_path)
                faults.append(f"{name} in {version}, {where}: {fault.message}")
            except SchemaNotFoundError as fault:
                faults.append(f"{name} in {version}: {fault.message}")
    return faults


command, *arguments = sys.argv[1:]
if command == "read":
    json.dump(read(arguments), sys.stdout)
elif command == "check":
    json.dump(check(json.load(sys.stdin), arguments), sys.stdout)
else:
    sys.exit(f"expected read or check, not {command}")
