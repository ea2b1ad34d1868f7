"""A job's image as a task of Airflow, on a Docker Engine or as a pod of Kubernetes."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from kubernetes.client import models as k8s
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from user_behaviour_secrets import secrets_of

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
        self._private_environment = {**secrets_of(self.job), **trace_of_task()}
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
        environment={**PARENTS, **settings["environment"]},
        mem_limit="512m",
        mount_tmp_dir=False,
        mounts=settings.get("mounts", []),
        network_mode=settings.get("network"),
        **kwargs,
    )


# What SOURCE_DATABASE_CA_FILE may name; the ConfigMap may be missing.
AUTHORITIES = "source-authorities"


# Who reads the source. A variable of a pod would win over its Secret.
SOURCE_ROLE = {"SOURCE_DATABASE_URL", "SOURCE_DATABASE_SECRET_ARN"}


def kubernetes_job(job: str, settings: dict[str, Any], **kwargs: Any) -> BaseOperator:
    arguments = kwargs.pop("command")
    # The role that replicates is another one, and is in the Secret.
    others = SOURCE_ROLE if job == "capture-purchases" else set()
    given = {name: value for name, value in settings["environment"].items() if name not in others}
    environment = {**PARENTS, **given}
    return KubernetesJob(
        name=job,
        namespace=settings.get("namespace", "user-behaviour"),
        arguments=arguments,
        env_vars=[k8s.V1EnvVar(name, value) for name, value in environment.items()],
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
            requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "512Mi"}
        ),
        **kwargs,
    )


RUNNERS = {"docker": docker_job, "kubernetes": kubernetes_job}
