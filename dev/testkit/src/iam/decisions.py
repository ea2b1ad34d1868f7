"""Judges calls by an IAM policy, as ministack does: a JSON object a line in, a decision a line out."""

from __future__ import annotations

import json
import sys

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

ACCOUNT = "123456789012"

for line in sys.stdin:
    asked = json.loads(line)
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/job/run",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=asked["action"],
        resource_arn=asked["resource"],
        region="eu-west-1",
        service_context={key.lower(): value for key, value in asked.get("context", {}).items()},
    )
    print(evaluate(context, [parse_policy_document(asked["policy"])]).decision, flush=True)
