"""Prints the part of botocore's model with which an endpoint checks requests: its model.json.

python pruned_model.py SERVICE OPERATION...   the inputs and errors of these operations
"""

from __future__ import annotations

import json
import sys
from typing import Any

import botocore.session

CONSTRAINTS = ("type", "required", "enum", "min", "max", "pattern", "union")


def pruned(service: str, operations: list[str]) -> dict[str, Any]:
    loader = botocore.session.get_session().get_component("data_loader")
    model = loader.load_service_model(service, "service-2")
    shapes: dict[str, Any] = {}

    def take(name: str) -> None:
        if name in shapes:
            return
        shape = model["shapes"][name]
        kept = {key: shape[key] for key in CONSTRAINTS if key in shape}
        shapes[name] = kept
        for part in ("member", "key", "value"):
            if part in shape:
                kept[part] = shape[part]["shape"]
                take(kept[part])
        if "members" in shape:
            kept["members"] = {member: at["shape"] for member, at in shape["members"].items()}
            for member in kept["members"].values():
                take(member)

    found = {}
    for name in sorted(operations):
        operation = model["operations"][name]
        errors = sorted(error["shape"] for error in operation.get("errors", []))
        found[name] = {"input": operation["input"]["shape"], "errors": errors}
        take(found[name]["input"])
    return {"operations": found, "shapes": dict(sorted(shapes.items()))}


if __name__ == "__main__":
    service, *operations = sys.argv[1:]
    print(json.dumps(pruned(service, operations)))
