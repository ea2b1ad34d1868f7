"""The user behaviour pipeline as a DAG: one task per job image, one run per day.

    extract_purchases ──────────────┐
                                    ├── redshift_load
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

Keep secrets in AWS Secrets Manager (SOURCE_DATABASE_SECRET_ARN). If one must be an environment variable,
put it, for Docker, into the Variable `user_behaviour_secrets`, job by job, e.g.
{"extract-purchases": {"SOURCE_DATABASE_URL": "…"}}; for Kubernetes in the Secret of the job's name.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from importlib.util import find_spec
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import DAG, BaseOperator, CronDataIntervalTimetable, Variable
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from kubernetes.client import models as k8s
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# Each job, and the jobs whose results it reads: packages/shared/src/pipeline.ts, which a test compares.
UPSTREAM: dict[str, list[str]] = {
    "extract-purchases": [],
    "stage-reviews": [],
    "emr-clean": ["stage-reviews"],
    "redshift-load": ["extract-purchases", "emr-clean"],
}
# Wrong command line, wrong data, a bug, wrong configuration: a retry would end the same way. Lost report
# (74): nothing is left to do.
FINAL_EXIT_CODES = (64, 65, 70, 74, 78)
# A job takes up to 20 s to cancel its step or statement.
GRACE_SECONDS = 40
# What a job's container may not, and that a signal always ends it; DockerOperator has no arguments for these.
CONFINEMENT = {
    "cap_drop": ["ALL"],
    "init": True,
    "read_only": True,
    "security_opt": ["no-new-privileges"],
}


def trace_of_task() -> dict[str, str]:
    """TRACEPARENT and TRACESTATE of the task's span; nothing unless Airflow traces."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return {name.upper(): value for name, value in carrier.items()}


# The run of Airflow that starts a job, for the job's events of lineage. Nothing without the provider for OpenLineage,
# and empty, which counts as missing, where it is disabled.
MACROS = "macros.OpenLineageProviderPlugin"
PARENTS: dict[str, str] = (
    {
        variable: f"{{% if {MACROS} is defined %}}{{{{ {MACROS}.{macro}(task_instance) }}}}{{% endif %}}"
        for variable, macro in (
            ("OPENLINEAGE_PARENT_ID", "lineage_parent_id"),
            ("OPENLINEAGE_ROOT_PARENT_ID", "lineage_root_parent_id"),
        )
    }
    if find_spec("airflow.providers.openlineage")
    else {}
)


class FailsForGood:
    """Fails at once, without the retries that are left, on an exit code that no retry can change.

    Both operators tell these codes from others only by skipping the task. A skipped task would let
    later tasks and days go on, so the skip becomes a failure here.
    """

    def execute(self, context: Any) -> Any:
        try:
            return super().execute(context)  # type: ignore[misc]
        except AirflowSkipException as skipped:
            codes = ", ".join(map(str, FINAL_EXIT_CODES))
            raise AirflowFailException(
                f"the job ended with one of the exit codes {codes}: no retry would help. "
                "The last lines of its log say what is wrong"
            ) from skipped


class DockerJob(FailsForGood, DockerOperator):
    """A job's image on a Docker Engine. Its secrets are read when it runs, and shown nowhere."""

    def __init__(self, *, job: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job

    def execute(self, context: Any) -> Any:
        secrets = Variable.get("user_behaviour_secrets", default={}, deserialize_json=True)
        self._private_environment = {**secrets.get(self.job, {}), **trace_of_task()}
        self.cli.create_host_config = partial(self.cli.create_host_config, **CONFINEMENT)
        return super().execute(context)

    def on_kill(self) -> None:
        if self.container is not None:
            self.cli.stop(self.container["Id"], timeout=GRACE_SECONDS)
        # Would leave it 10 s; removes it, too.
        super().on_kill()


class KubernetesJob(FailsForGood, KubernetesPodOperator):
    """A job's image as a pod."""

    def execute(self, context: Any) -> Any:
        trace = [k8s.V1EnvVar(name, value) for name, value in trace_of_task().items()]
        self.env_vars = [*self.env_vars, *trace]
        return super().execute(context)


def docker_job(job: str, settings: dict[str, Any], **kwargs: Any) -> BaseOperator:
    return DockerJob(
        job=job,
        auto_remove="force",
        environment={**PARENTS, **settings.get("environment", {})},
        mem_limit="256m",
        mount_tmp_dir=False,
        mounts=settings.get("mounts", []),
        network_mode=settings.get("network"),
        **kwargs,
    )


# What SOURCE_DATABASE_CA_FILE may name; the ConfigMap may be missing.
AUTHORITIES = "source-authorities"


def kubernetes_job(job: str, settings: dict[str, Any], **kwargs: Any) -> BaseOperator:
    arguments = kwargs.pop("command")
    return KubernetesJob(
        name=job,
        namespace=settings.get("namespace", "user-behaviour"),
        arguments=arguments,
        env_vars={**PARENTS, **settings.get("environment", {})},
        env_from=[
            k8s.V1EnvFromSource(config_map_ref=k8s.V1ConfigMapEnvSource("user-behaviour")),
            k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(job, optional=True)),
        ],
        volumes=[
            k8s.V1Volume(
                name=AUTHORITIES,
                config_map=k8s.V1ConfigMapVolumeSource(name=AUTHORITIES, optional=True),
            )
        ],
        volume_mounts=[
            k8s.V1VolumeMount(name=AUTHORITIES, mount_path=f"/etc/{AUTHORITIES}", read_only=True)
        ],
        termination_grace_period=GRACE_SECONDS,
        service_account_name=job,
        automount_service_account_token=False,
        security_context=k8s.V1PodSecurityContext(
            run_as_non_root=True,
            run_as_user=1000,
            seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
        ),
        container_security_context=k8s.V1SecurityContext(
            allow_privilege_escalation=False,
            capabilities=k8s.V1Capabilities(drop=["ALL"]),
            read_only_root_filesystem=True,
        ),
        container_resources=k8s.V1ResourceRequirements(
            requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "256Mi"}
        ),
        **kwargs,
    )


RUNNERS = {"docker": docker_job, "kubernetes": kubernetes_job}
# The run of an hour starts when the hour is over, and ds names its day: the last run of a day finds it over.
HOURLY: dict[str, Any] = {
    "dag_id": "user_behaviour_hourly",
    "description": "Today so far, as public.user_behavior_metric",
    "schedule": CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    "catchup": False,
    "max_active_runs": 1,
}


def build(hourly: bool = False) -> DAG:
    settings = Variable.get("user_behaviour", default={}, deserialize_json=True)
    runner = settings.get("runner", "docker")
    if runner not in RUNNERS:
        raise ValueError(f"runner is {runner!r}: expected one of {', '.join(RUNNERS)}")

    def task(job: str, **kwargs: Any) -> BaseOperator:
        return RUNNERS[runner](
            job,
            settings,
            task_id=job.replace("-", "_"),
            image=f"{settings.get('registry', '')}{job}:{settings.get('tag', 'latest')}",
            command=["--ds={{ ds }}", "--log-format=json"],
            skip_on_exit_code=FINAL_EXIT_CODES,
            do_xcom_push=False,
            **kwargs,
        )

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
        start_date=datetime(2010, 12, 1, tzinfo=timezone.utc),
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
        ordered = () if hourly else ("redshift-load",)
        tasks = {job: task(job, depends_on_past=job in ordered) for job in UPSTREAM}
        for job, upstream in UPSTREAM.items():
            for other in upstream:
                tasks[other] >> tasks[job]
    return dag


dag = build()
if Variable.get("user_behaviour", default={}, deserialize_json=True).get("hourly"):
    hourly_dag = build(hourly=True)
