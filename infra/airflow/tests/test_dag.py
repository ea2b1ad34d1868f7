"""The DAG as a real Airflow sees it: its graph, its days, and which exit codes it retries."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace

import jinja2
import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.docker.hooks.docker import DockerHook
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction
from docker.types import HostConfig
from kubernetes.client import models as k8s
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

FILE = Path(__file__).parents[1] / "user_behaviour.py"
JOBS = {"extract_purchases", "stage_reviews", "emr_clean", "redshift_load"}
FINAL = [64, 65, 70, 74, 78]
RETRIED = [1, 75, 137, 143]


def load(monkeypatch: pytest.MonkeyPatch, **variables: object) -> ModuleType:
    for name, value in variables.items():
        monkeypatch.setenv(f"AIRFLOW_VAR_{name.upper()}", json.dumps(value))
    # As Airflow does with the folder of the DAGs.
    monkeypatch.syspath_prepend(FILE.parent)
    # It looks for providers when it is imported.
    monkeypatch.delitem(sys.modules, "user_behaviour_jobs", raising=False)
    spec = importlib.util.spec_from_file_location("user_behaviour_under_test", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(dag_folder=str(FILE))
    assert bag.import_errors == {}
    assert list(bag.dags) == ["user_behaviour"]
    return bag.dags["user_behaviour"]


@pytest.fixture(params=["docker", "kubernetes"])
def any_dag(request, monkeypatch):
    return load(monkeypatch, user_behaviour={"runner": request.param}).dag


class FakeEngine:
    """Takes the place of docker.APIClient: one container that ends with the given code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.created: dict = {}
        self.removed: list[str] = []
        self.stopped: list[tuple[str, int]] = []

    def images(self, name: str) -> list:
        return [name]

    def create_host_config(self, **options):
        # Refuses what no engine knows.
        HostConfig(version="1.41", **options)
        return options

    def create_container(self, **options):
        self.created = options
        return {"Id": "c1"}

    def attach(self, **options):
        return iter([b"a line of the log\n"])

    def start(self, container):
        assert container == "c1"

    def wait(self, container):
        return {"StatusCode": self.code}

    def stop(self, container, timeout):
        self.stopped.append((container, timeout))

    def remove_container(self, container, force=False):
        self.removed.append(container)


def run_in_docker(monkeypatch, task, code: int) -> FakeEngine:
    engine = FakeEngine(code)
    monkeypatch.setattr(DockerHook, "api_client", engine)
    task.execute({})
    return engine


def end_pod(monkeypatch, task, code: int) -> None:
    """Runs the operator up to its own clean-up of a pod that has ended with the code."""
    terminated = k8s.V1ContainerState(terminated=k8s.V1ContainerStateTerminated(exit_code=code))
    status = SimpleNamespace(name="base", state=terminated)
    pod = k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(name="pod"),
        status=SimpleNamespace(
            phase="Succeeded" if code == 0 else "Failed", container_statuses=[status]
        ),
    )
    for untouched in ("is_istio_enabled", "patch_already_checked", "process_pod_deletion"):
        monkeypatch.setattr(KubernetesPodOperator, untouched, lambda *_, **__: False)
    monkeypatch.setattr(
        KubernetesPodOperator, "execute_sync", lambda self, context: self.cleanup(pod, pod)
    )
    task.execute({})


def test_the_graph_is_the_original_one_with_a_check_at_its_end(any_dag):
    assert {task.task_id: set(task.downstream_task_ids) for task in any_dag.tasks} == {
        "extract_purchases": {"redshift_load"},
        "stage_reviews": {"emr_clean"},
        "emr_clean": {"redshift_load"},
        "redshift_load": {"health"},
        "health": set(),
    }
    # A failed load must fail the run of the DAG, which the last task decides.
    assert any_dag.get_task("health").trigger_rule == "all_success"


def test_every_task_is_one_image_and_gets_the_day(any_dag):
    for task in any_dag.tasks:
        is_job = task.task_id in JOBS
        program = task.task_id.replace("_", "-") if is_job else "operator"
        assert task.image == f"{program}:latest"
        task.render_template_fields({"ds": "2010-12-01"})
        in_docker = isinstance(task, DockerOperator)
        days = {"extract_purchases": 7, "redshift_load": 14}.get(task.task_id)
        look_back = [] if days is None else [f"--look-back={days}"]
        assert (task.command if in_docker else task.arguments) == (
            ["--ds=2010-12-01", *look_back, "--log-format=json"]
            if is_job
            else ["health", "--due=00:00", "--days=1"]
        )
        environment = (
            task.environment if in_docker else {one.name: one.value for one in task.env_vars}
        )
        assert environment.get("HISTORY_END") == (None if is_job else "2010-12-01")


def test_the_first_days(dag):
    assert dag.start_date == pendulum.datetime(2010, 12, 1, tz="UTC")
    assert dag.catchup is True
    assert dag.max_active_runs == 4
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    within = TimeRestriction(earliest=dag.start_date, latest=None, catchup=True)
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=within)
    second = timetable.next_dagrun_info(
        last_automated_data_interval=first.data_interval, restriction=within
    )
    # The day that ds names is over when its run starts.
    assert [(run.logical_date.to_date_string(), str(run.run_after)) for run in (first, second)] == [
        ("2010-12-01", "2010-12-02 00:00:00+00:00"),
        ("2010-12-02", "2010-12-03 00:00:00+00:00"),
    ]


def test_retries_with_delay_and_only_the_load_in_order_of_days(any_dag):
    assert {task.task_id for task in any_dag.tasks} == {*JOBS, "health"}
    for task in any_dag.tasks:
        assert task.retries == 5
        assert task.retry_delay == timedelta(minutes=5)
        assert task.depends_on_past is (task.task_id == "redshift_load")


def test_today_is_run_each_hour_only_if_the_settings_say_so(monkeypatch):
    assert not hasattr(load(monkeypatch, user_behaviour={}), "hourly_dag")
    dag = load(monkeypatch, user_behaviour={"hourly": True}).hourly_dag
    assert (dag.dag_id, dag.catchup, dag.max_active_runs) == ("user_behaviour_hourly", False, 1)
    assert {task.task_id for task in dag.tasks} == JOBS
    for task in dag.tasks:
        # What an hour leaves undone, the next one does.
        assert (task.retries, task.depends_on_past) == (0, False)
    assert "--look-back=1" in dag.get_task("extract_purchases").command
    assert "--look-back=2" in dag.get_task("redshift_load").command
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    start = pendulum.datetime(2010, 12, 1, 22, tz="UTC")
    within = TimeRestriction(earliest=start, latest=None, catchup=True)
    runs = []
    for _ in range(3):
        last = runs[-1].data_interval if runs else None
        runs.append(
            timetable.next_dagrun_info(last_automated_data_interval=last, restriction=within)
        )
    # The last run of a day starts when the day is over.
    assert [(run.logical_date.to_date_string(), str(run.run_after)) for run in runs] == [
        ("2010-12-01", "2010-12-01 23:00:00+00:00"),
        ("2010-12-01", "2010-12-02 00:00:00+00:00"),
        ("2010-12-02", "2010-12-02 01:00:00+00:00"),
    ]


@pytest.mark.parametrize("runner", ["docker", "kubernetes"])
def test_changes_are_captured_only_if_the_settings_say_so(monkeypatch, runner):
    assert not hasattr(load(monkeypatch, user_behaviour={"runner": runner}), "capture_dag")
    url = "postgres://capture:hidden@shop/retail"
    secrets = {"capture-purchases": {"SOURCE_DATABASE_URL": url}}
    environment = {"PIPELINE_BUCKET": "lake", "SOURCE_DATABASE_URL": "postgres://reader@shop/retail"}
    module = load(
        monkeypatch,
        user_behaviour={"runner": runner, "capture": True, "environment": environment},
        user_behaviour_secrets=secrets,
    )
    dag = module.capture_dag
    assert (dag.dag_id, dag.catchup, dag.max_active_runs) == ("user_behaviour_capture", False, 1)
    (task,) = dag.tasks
    # The next run does what this one leaves undone, and begins when it has ended.
    assert (task.task_id, task.retries) == ("capture_purchases", 0)
    assert task.execution_timeout < timedelta(minutes=15)
    assert task.image == "capture-purchases:latest"
    command = task.command if runner == "docker" else task.arguments
    assert command == ["--log-format=json"]
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    within = TimeRestriction(earliest=dag.start_date, latest=None, catchup=True)
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=within)
    assert str(first.run_after) == "2010-12-01 00:15:00+00:00"
    if runner == "docker":
        created = run_in_docker(monkeypatch, task, 0).created
        assert created["environment"] == {**environment, **secrets["capture-purchases"]}
    else:
        # The role is that of the Secret, which a variable of the pod would hide.
        assert {one.name for one in task.env_vars} == {"PIPELINE_BUCKET"}
        extract = module.dag.get_task("extract_purchases")
        assert {one.name for one in extract.env_vars} == set(environment)


@pytest.mark.parametrize("code", FINAL)
def test_docker_fails_for_good(dag, monkeypatch, code):
    with pytest.raises(AirflowFailException):
        run_in_docker(monkeypatch, dag.get_task("emr_clean"), code)


@pytest.mark.parametrize("code", RETRIED)
def test_docker_is_retried(dag, monkeypatch, code):
    with pytest.raises(AirflowException) as failure:
        run_in_docker(monkeypatch, dag.get_task("emr_clean"), code)
    assert not isinstance(failure.value, AirflowFailException)


@pytest.mark.parametrize("code", [*FINAL, *RETRIED, 0])
def test_kubernetes_fails_for_good_or_is_retried(monkeypatch, code):
    task = load(monkeypatch, user_behaviour={"runner": "kubernetes"}).dag.get_task("emr_clean")
    if code == 0:
        end_pod(monkeypatch, task, code)
        return
    with pytest.raises(AirflowException) as failure:
        end_pod(monkeypatch, task, code)
    assert isinstance(failure.value, AirflowFailException) is (code in FINAL)


def test_docker_removes_the_container_and_gives_it_no_more_than_it_needs(dag, monkeypatch):
    for task in dag.tasks:
        engine = run_in_docker(monkeypatch, task, 0)
        assert engine.removed == ["c1"]
        bounds = {
            "cap_drop": ["ALL"],
            "init": True,
            "mem_limit": "512m",
            "privileged": False,
            "read_only": True,
            "security_opt": ["no-new-privileges"],
        }
        assert engine.created["host_config"].items() >= bounds.items()


def test_docker_gives_a_job_time_to_cancel(monkeypatch):
    task = load(monkeypatch).dag.get_task("emr_clean")
    task.on_kill()
    engine = run_in_docker(monkeypatch, task, 0)
    task.on_kill()
    assert engine.stopped == [("c1", 40)]


def test_settings_reach_the_container_and_secrets_only_their_job(monkeypatch):
    url = "postgres://reader:hidden@replica/retail"
    dag = load(
        monkeypatch,
        user_behaviour={
            "registry": "registry.example.com/user-behaviour/",
            "tag": "1.2.3",
            "network": "pipeline",
            "environment": {"PIPELINE_BUCKET": "lake"},
        },
        user_behaviour_secrets={"extract-purchases": {"SOURCE_DATABASE_URL": url}},
    ).dag
    extract = run_in_docker(monkeypatch, dag.get_task("extract_purchases"), 0).created
    assert extract["image"] == "registry.example.com/user-behaviour/extract-purchases:1.2.3"
    assert extract["host_config"]["network_mode"] == "pipeline"
    assert extract["environment"] == {"PIPELINE_BUCKET": "lake", "SOURCE_DATABASE_URL": url}
    load_task = run_in_docker(monkeypatch, dag.get_task("redshift_load"), 0).created
    assert load_task["environment"] == {"PIPELINE_BUCKET": "lake"}
    # What Airflow stores and shows of the task.
    assert "hidden" not in json.dumps(DagSerialization.to_dict(dag), default=str)
    assert dag.get_task("extract_purchases").environment == {"PIPELINE_BUCKET": "lake"}


def test_a_job_continues_the_trace_of_its_task(monkeypatch):
    monkeypatch.setattr(KubernetesHook, "is_in_cluster", False)
    span = SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0xF067AA0BA902B7, False, TraceFlags(1))
    expected = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with use_span(NonRecordingSpan(span)):
        task = load(monkeypatch).dag.get_task("emr_clean")
        assert run_in_docker(monkeypatch, task, 0).created["environment"] == {
            "TRACEPARENT": expected
        }
        pod_settings = {"runner": "kubernetes", "environment": {"PIPELINE_BUCKET": "lake"}}
        task = load(monkeypatch, user_behaviour=pod_settings).dag.get_task("emr_clean")
        end_pod(monkeypatch, task, 0)
    (container,) = task.build_pod_request_obj().spec.containers
    handed = {one.name: one.value for one in container.env}
    assert handed.items() >= {"PIPELINE_BUCKET": "lake", "TRACEPARENT": expected}.items()


@pytest.mark.parametrize("is_installed", [False, True])
def test_a_job_gets_the_runs_of_airflow_only_with_the_provider_for_lineage(
    monkeypatch, is_installed
):
    find_spec = importlib.util.find_spec
    provider = "airflow.providers.openlineage"
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: (is_installed or None) if name == provider else find_spec(name, *rest),
    )
    parents = {"OPENLINEAGE_PARENT_ID", "OPENLINEAGE_ROOT_PARENT_ID"} if is_installed else set()
    settings = {"environment": {"PIPELINE_BUCKET": "lake"}}
    task = load(monkeypatch, user_behaviour=settings).dag.get_task("emr_clean")
    assert set(task.environment) == {"PIPELINE_BUCKET", *parents}
    assert "environment" in DockerOperator.template_fields
    assert "env_vars" in KubernetesPodOperator.template_fields
    # Airflow without the plugin of the provider, because it is disabled.
    without = jinja2.Environment(undefined=jinja2.StrictUndefined)
    for name in parents:
        template = without.from_string(task.environment[name])
        assert template.render(macros=SimpleNamespace(), task_instance=None) == ""
        plugin = SimpleNamespace(
            lineage_parent_id=lambda instance: f"of {instance}",
            lineage_root_parent_id=lambda instance: f"of {instance}",
        )
        macros = SimpleNamespace(OpenLineageProviderPlugin=plugin)
        assert template.render(macros=macros, task_instance="it") == "of it"


def test_the_pod_is_a_restricted_one(monkeypatch):
    # There is no cluster to ask.
    monkeypatch.setattr(KubernetesHook, "is_in_cluster", False)
    dag = load(monkeypatch, user_behaviour={"runner": "kubernetes"}).dag
    for task in dag.tasks:
        spec = task.build_pod_request_obj().spec
        (container,) = spec.containers
        job = task.task_id.replace("_", "-")
        assert spec.service_account_name == job
        assert spec.termination_grace_period_seconds == 40
        assert spec.automount_service_account_token is False
        assert spec.security_context.run_as_non_root is True
        assert spec.security_context.seccomp_profile.type == "RuntimeDefault"
        assert container.security_context.read_only_root_filesystem is True
        assert container.security_context.allow_privilege_escalation is False
        assert container.security_context.capabilities.drop == ["ALL"]
        assert [
            (source.config_map_ref or source.secret_ref).name for source in container.env_from
        ] == ["user-behaviour", job]
        assert [mount.mount_path for mount in container.volume_mounts] == [
            "/etc/source-authorities"
        ]
        assert spec.volumes[0].config_map.optional is True


def test_an_unknown_runner_is_told(monkeypatch):
    with pytest.raises(ValueError, match="expected one of docker, kubernetes"):
        load(monkeypatch, user_behaviour={"runner": "swarm"})


class Webhook(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers with the status of its server."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the test's output."""


@pytest.fixture
def webhook():
    with HTTPServer(("127.0.0.1", 0), Webhook) as server:
        server.taken, server.status = [], 200
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fail(task) -> None:
    """Calls what Airflow calls when the task has no retries left."""
    context = {"task_instance": SimpleNamespace(task_id=task.task_id), "ds": "2010-12-01"}
    for callback in task.on_failure_callback:
        callback(context)


def test_a_failed_job_is_told_in_the_words_of_the_alerts(monkeypatch, webhook):
    url = f"http://127.0.0.1:{webhook.server_port}/hook?key=hidden"
    tasks = load(monkeypatch, user_behaviour_secrets={"health": {"WEBHOOK_URL": url}}).dag
    fail(tasks.get_task("redshift_load"))
    action = (
        "The last line of its log names the kind of failure; docs/runbook.md has a section for each."
    )
    finding = {
        "finding": "failed",
        "ds": "2010-12-01",
        "level": "error",
        "message": "redshift-load has failed",
        "action": action,
    }
    text = (
        "User behaviour: 1 errors, 0 warnings\n"
        f"• failed 2010-12-01: redshift-load has failed. {action}"
    )
    assert webhook.taken == [("/hook?key=hidden", {"text": text, "findings": [finding]})]
    # It sends its findings itself.
    assert not tasks.get_task("health").on_failure_callback


def test_a_webhook_that_is_missing_or_refuses_changes_nothing(monkeypatch, webhook, caplog):
    fail(load(monkeypatch).dag.get_task("redshift_load"))
    assert webhook.taken == []
    webhook.status = 500
    url = f"http://127.0.0.1:{webhook.server_port}/hidden"
    secrets = {"health": {"WEBHOOK_URL": url}}
    fail(load(monkeypatch, user_behaviour_secrets=secrets).dag.get_task("redshift_load"))
    assert len(webhook.taken) == 1
    assert "the webhook was not called: HTTPError" in caplog.text
    assert "hidden" not in caplog.text
