"""The secrets of the DAG in user_behaviour.py, and the webhook that hears of failed jobs. It lies beside that file."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.request import Request, urlopen

from airflow.sdk import Variable


def secrets_of(job: str) -> dict[str, str]:
    """Read when a task runs, so that Airflow neither stores nor shows them with the DAG."""
    return Variable.get("user_behaviour_secrets", default={}, deserialize_json=True).get(job, {})


# As the alert of a failed Job in infra/monitoring/alerts.yaml has it.
ACTION = "The last line of its log names the kind of failure; docs/runbook.md has a section for each."
WEBHOOK_SECONDS = 2


def tell_failure(context: Any) -> None:
    """Sends what `health --webhook` would say of a failed job; nothing without WEBHOOK_URL. Never raises."""
    log = logging.getLogger(__name__)
    try:
        url = secrets_of("health").get("WEBHOOK_URL")
        if not url:
            return
        task_instance = context["task_instance"]
        job = task_instance.task_id.replace("_", "-")
        finding = {
            "finding": "failed",
            "ds": context["ds"],
            "level": "error",
            "message": f"{job} has failed",
            "action": ACTION,
        }
        line = f"• failed {finding['ds']}: {finding['message']}. {ACTION}"
        message = {"text": f"User behaviour: 1 errors, 0 warnings\n{line}", "findings": [finding]}
        request = Request(
            url, json.dumps(message).encode(), {"content-type": "application/json"}, method="POST"
        )
        with urlopen(request, timeout=WEBHOOK_SECONDS):
            pass
    except Exception as error:
        # The text of the error may hold the address, which is a secret.
        log.warning("the webhook was not called: %s", type(error).__name__)
