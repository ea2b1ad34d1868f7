"""The script through the real spark-submit: exit codes, messages, and paths of HDFS."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from conftest import SCRIPT, Submit
from days import RUN, Days
from pyspark.sql import SparkSession

import random_text_classification as script

HEADER = script.HEADER + "\n"


def test_days_on_hdfs_end_with_their_reports(
    spark: SparkSession, tmp_path: Path, submit: Submit
) -> None:
    """hdfs:/// is mapped to a folder, so that paths, renames and reports go by that scheme."""
    days = Days(spark, tmp_path / "movie_review")
    days.put("2010-12-01", HEADER + "1,good\n2,bad\n")
    days.put("2010-12-02", HEADER + "3,a,b\n2147483648,c\n")
    days.put("2010-12-03", HEADER)
    mapped = "spark.hadoop.fs.viewfs"
    done = submit(
        *("--input", "hdfs:///movie_review/load", "--output", "hdfs:///movie_review/out"),
        *(
            "--run",
            RUN,
            "--days",
            "2010-12-01+2010-12-04,2010-12-02,2010-12-03",
            "--max-rejected",
            "0.01",
        ),
        conf={
            "spark.hadoop.fs.defaultFS": "hdfs://local/",
            "spark.hadoop.fs.hdfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
            f"{mapped}.overload.scheme.target.file.impl": "org.apache.hadoop.fs.LocalFileSystem",
            f"{mapped}.mounttable.local.linkFallback": tmp_path.as_uri(),
            "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
            # A cluster may have it on: a cid that is no integer would fail the whole job.
            "spark.sql.ansi.enabled": "true",
        },
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "days 4, read 6, accepted 4; too many rejected, no parquet: 2010-12-02\n"
    assert days.reviews("2010-12-01") == [("1", True), ("2", False)]
    assert days.reviews("2010-12-04") == [("1", True), ("2", False)]
    assert days.rejects("2010-12-02") == [
        ("3,a,b", "wrong_column_count"),
        ("2147483648,c", "bad_cid"),
    ]
    assert days.reviews("2010-12-03") == []
    found = [days.report(ds)["written"] for ds in ("2010-12-01", "2010-12-02", "2010-12-03")]
    assert found == [True, False, True]
    assert sorted(path.name for path in days.out.iterdir()) == ["rejects", "stage"]


def test_a_fault_of_the_input_is_one_line_and_exit_65(tmp_path: Path, submit: Submit) -> None:
    root = tmp_path.as_uri()
    done = submit(f"--input={root}/no", f"--output={root}/out", "--run=R1", "--days=2010-12-01")
    assert done.returncode == 65
    assert messages(done.stderr) == [
        f"expected one file {root}/no/2010-12-01/*/movie.csv, found 0 files"
    ]
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_argument_is_one_line_and_exit_64(submit: Submit) -> None:
    done = submit("--input=hdfs:///in", "--output=hdfs:///out", "--run=R1", "--days=2010-02-30")
    assert done.returncode == 64
    assert messages(done.stderr) == [
        "argument --days: expected real days YYYY-MM-DD, once each: '2010-02-30'"
    ]
    assert "Traceback" not in done.stdout + done.stderr


WRONG = {
    "--input": ["", "/", "hdfs:///in/*", "hdfs:///{a,b}"],
    "--output": ["", "hdfs://", "hdfs:///out[1]"],
    "--run": ["", "a/b", "../x", ".hidden", "a b"],
    "--days": [
        "",
        "2010-12-1",
        "20101201",
        "2010-12-01,",
        "2010-12-01,2010-12-01",
        "2010-12-01+",
        "2010-12-01+2010-12-01",
        "x';--",
    ],
    "--max-rejected": ["", "-0.1", "1.1", "nan", "1e-2x", "9e0", "ten"],
}


@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option, values in WRONG.items() for value in values]
)
def test_wrong_arguments_stop_before_spark_starts(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"--input": "/in", "--output": "/out", "--run": "R", "--days": "2010-12-01"}
    given[option] = value
    with pytest.raises(SystemExit) as stop:
        script.main([f"{name}={text}" for name, text in given.items()])
    assert stop.value.code == 64
    (message,) = messages(capsys.readouterr().err)
    assert message.startswith(f"argument {option}: expected ")


def test_missing_and_unknown_arguments_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in (
        ([], "the following arguments are required: --input, --output, --run, --days"),
        (["--inputs=/x"], "the following arguments are required: --input, --output, --run, --days"),
    ):
        with pytest.raises(SystemExit) as stop:
            script.main(arguments)
        assert stop.value.code == 64
        assert messages(capsys.readouterr().err) == [expected]


def test_the_script_needs_python_3_9_and_pyspark_alone() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    nodes = list(ast.walk(tree))
    names = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in names}
    assert "pyspark" in roots
    assert roots - {"pyspark"} <= sys.stdlib_module_names
    assert not any(name.startswith("pyspark.ml") for name in names)


def messages(stderr: str) -> list[str]:
    """The script's own error lines, without the prefix."""
    prefix = "random_text_classification: error: "
    return [line[len(prefix) :] for line in stderr.splitlines() if line.startswith(prefix)]


@pytest.mark.parametrize("text", ["0", "1", "0.01", ".5", "1.0", "1e-7"])
def test_a_share_may_be_written_as_programs_write_it(text: str) -> None:
    assert script.share(text) == text
