"""The user behaviour pipeline as a DAG: one task per job image, one run per day, and a check of the loaded day.

    extract_purchases ──────────────┐
                                    ├── redshift_load ── health
    stage_reviews ── emr_clean ─────┘

Settings are the Airflow Variable `user_behaviour`, a JSON object; every key may be left out:

    runner        docker (default) or kubernetes
    registry      prefix of the image's name, e.g. registry.example.com/user-behaviour/
    tag           of the images (default latest)
    environment   variables of all jobs, as `docker run <image> --help` lists them
    network       Docker: the containers' network
    mounts        Docker: keyword arguments of docker.types.Mount, e.g. for the vendor's file
    namespace     Kubernetes: default user-behaviour, with the names of infra/k8s
    hourly        true: a second DAG, user_behaviour_hourly, runs today again each hour
    capture       true: another DAG, user_behaviour_capture, reads each quarter of an hour which days have changed

Keep secrets in AWS Secrets Manager (SOURCE_DATABASE_SECRET_ARN). If one must be an environment variable,
put it, for Docker, into the Variable `user_behaviour_secrets`, job by job, e.g.
{"extract-purchases": {"SOURCE_DATABASE_URL": "…"}}; for Kubernetes in the Secret of the job's name.
WEBHOOK_URL and PING_URL are secrets of `health`. The DAG itself calls WEBHOOK_URL when a job has failed for good; it finds it
in that Variable, with both runners.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.sdk import DAG, BaseOperator, CronDataIntervalTimetable, Variable
from user_behaviour_jobs import FINAL_EXIT_CODES, RUNNERS
from user_behaviour_secrets import tell_failure

# Each job, and the jobs whose results it reads: packages/shared/src/pipeline.ts, which a test compares.
UPSTREAM: dict[str, list[str]] = {
    "extract-purchases": [],
    "stage-reviews": [],
    "emr-clean": ["stage-reviews"],
    "redshift-load": ["extract-purchases", "emr-clean"],
}

# What has changed in the week before the day is extracted again. The load looks back twice as far, for days that were
# extracted after it looked the night before.
LOOK_BACK = {"extract-purchases": ["--look-back=7"], "redshift-load": ["--look-back=14"]}
LOOK_BACK_OF_HOUR = {"extract-purchases": ["--look-back=1"], "redshift-load": ["--look-back=2"]}

# What differs if today is run again each hour. The run of an hour starts when the hour is over, and ds names
# the day of the hour: the last run of a day finds it over.
HOURLY: dict[str, Any] = {
    "dag_id": "user_behaviour_hourly",
    "description": "Today so far, as public.user_behavior_metric",
    "schedule": CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    "catchup": False,
    "max_active_runs": 1,
}

# Of no day. The tasks that look back extract and load the days that it has seen change.
CAPTURE: dict[str, Any] = {
    "dag_id": "user_behaviour_capture",
    "description": "Which days have changed at the source",
    "schedule": CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    "catchup": False,
    "max_active_runs": 1,
}
START = datetime(2010, 12, 1, tzinfo=timezone.utc)


def task(
    job: str, image: str, command: list[str], own: dict[str, str], **kwargs: Any
) -> BaseOperator:
    settings = Variable.get("user_behaviour", default={}, deserialize_json=True)
    runner = settings.get("runner", "docker")
    if runner not in RUNNERS:
        raise ValueError(f"runner is {runner!r}: expected one of {', '.join(RUNNERS)}")
    return RUNNERS[runner](
        job,
        {**settings, "environment": {**settings.get("environment", {}), **own}},
        task_id=job.replace("-", "_"),
        image=f"{settings.get('registry', '')}{image}:{settings.get('tag', 'latest')}",
        command=command,
        skip_on_exit_code=FINAL_EXIT_CODES,
        do_xcom_push=False,
        **kwargs,
    )


def build_capture() -> DAG:
    with DAG(
        **CAPTURE,
        start_date=START,
        # The next run does what this one leaves undone.
        default_args={"owner": "data-platform", "execution_timeout": timedelta(minutes=14)},
        tags=["user-behaviour"],
        doc_md=__doc__,
    ) as dag:
        task("capture-purchases", "capture-purchases", ["--log-format=json"], {})
    return dag


def build(hourly: bool = False) -> DAG:
    daily: dict[str, Any] = {
        "dag_id": "user_behaviour",
        "description": "Purchases and reviews of a day, as public.user_behavior_metric",
        # The run of a day starts when the day is over, and ds names the day. With @daily, Airflow 3
        # would let ds name the day on which the run starts.
        "schedule": CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
        "catchup": True,
        "max_active_runs": 4,
    }
    with DAG(
        **(HOURLY if hourly else daily),
        start_date=START,
        default_args={
            "owner": "data-platform",
            # Exit 75 and 143, and failures of the worker or the engine. An hour is tried again by the next.
            "retries": 0 if hourly else 5,
            "retry_delay": timedelta(minutes=5),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "execution_timeout": timedelta(hours=3),
        },
        tags=["user-behaviour"],
        doc_md=__doc__,
    ) as dag:
        # A failed day does not stop the staging of other days, but the metric has no gaps.
        def command_of(job: str) -> list[str]:
            look_back = LOOK_BACK_OF_HOUR if hourly else LOOK_BACK
            return ["--ds={{ ds }}", *look_back.get(job, []), "--log-format=json"]

        # The next hour tries again: no need to tell anybody.
        more = {} if hourly else {"on_failure_callback": tell_failure}
        tasks = {
            job: task(
                job,
                job,
                command_of(job),
                {},
                depends_on_past=job == "redshift-load" and not hourly,
                **more,
            )
            for job in UPSTREAM
        }
        for job, upstream in UPSTREAM.items():
            for other in upstream:
                tasks[other] >> tasks[job]
        if not hourly:
            # Of the run's own day, so that a backfill tells each finding once. It sends its findings itself.
            command = ["health", "--due=00:00", "--days=1"]
            own = {"HISTORY_END": "{{ ds }}"}
            tasks["redshift-load"] >> task("health", "operator", command, own)
    return dag


dag = build()
settings = Variable.get("user_behaviour", default={}, deserialize_json=True)
if settings.get("hourly"):
    hourly_dag = build(hourly=True)
if settings.get("capture"):
    capture_dag = build_capture()
