"""The pipeline of the article, step by step, with its faults: over boto3 and psql alone.

original_pipeline.py DS [--reviews FILE]

It needs the variables of .env.local. It writes below `original/` in the bucket and into schemas
of that name, so that its result can be compared with that of the jobs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3

HERE = Path(__file__).parent
BUCKET = os.environ["PIPELINE_BUCKET"]
PREFIX = f"s3://{BUCKET}/original"
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED")


def psql(url: str, file: str, **variables: str) -> str:
    """Runs a file of sql/ and returns what it prints, without headers."""
    if shutil.which("psql") is None:
        sys.exit(
            "psql is missing: install it (Debian and Ubuntu: apt-get install postgresql-client)"
        )
    settings = [f"--set={name}={value}" for name, value in variables.items()]
    options = ["-X", "-q", "-t", "-A", "--set=ON_ERROR_STOP=1", *settings]
    command = ["psql", *options, "-f", str(HERE / "sql" / file)]
    environment = {**os.environ, **connection(url)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return done.stdout


def connection(url: str) -> dict[str, str]:
    """The address as variables of psql: arguments are visible to other users."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path[1:],
    }


def upload(file: Path, key: str) -> None:
    boto3.client("s3").upload_file(str(file), BUCKET, f"original/{key}")


def stage_purchases(ds: str) -> None:
    """extract_user_purchase_data, user_purchase_to_s3_stage, remove_local_user_purchase_file."""
    rows = psql(os.environ["SOURCE_DATABASE_URL"], "extract.sql", ds=ds)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "temp_filtered_user_purchase.csv"
        file.write_text(rows, encoding="utf-8", newline="")
        upload(file, f"user_purchase/stage/{ds}/{file.name}")


def stage_reviews(reviews: Path) -> None:
    """movie_review_to_s3_stage, move_emr_script_to_s3."""
    upload(reviews, "movie_review/load/movie.csv")
    upload(HERE / "clean_reviews.py", "scripts/clean_reviews.py")


def clean_reviews() -> None:
    """add_emr_steps, clean_movie_review_data: waits until the last step has ended."""
    script = f"{PREFIX}/scripts/clean_reviews.py"
    steps = [
        ("Move raw data from S3 to HDFS", copy(f"{PREFIX}/movie_review/load", "/original/movie")),
        (
            "Classify movie reviews",
            [
                "spark-submit",
                "--deploy-mode",
                "client",
                script,
                "/original/movie",
                "/original/output",
            ],
        ),
        (
            "Move clean data from HDFS to S3",
            copy("/original/output", f"{PREFIX}/movie_review/stage"),
        ),
    ]
    emr = boto3.client("emr")
    cluster = os.environ["EMR_CLUSTER_ID"]
    added = emr.add_job_flow_steps(
        JobFlowId=cluster,
        Steps=[
            {
                "Name": name,
                "ActionOnFailure": "CANCEL_AND_WAIT",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": args},
            }
            for name, args in steps
        ],
    )
    state = "PENDING"
    while state not in ENDED:
        time.sleep(0.2)
        step = emr.describe_step(ClusterId=cluster, StepId=added["StepIds"][-1])
        state = step["Step"]["Status"]["State"]
    if state != "COMPLETED":
        sys.exit(f"the cleaning ended as {state}")


def copy(source: str, target: str) -> list[str]:
    return ["s3-dist-cp", f"--src={source}", f"--dest={target}"]


def load(ds: str) -> None:
    """user_purchase_stage_data_to_redshift_spectrum, generate_user_behavior_metric."""
    warehouse = os.environ["REDSHIFT_URL"]
    psql(
        warehouse,
        "tables.sql",
        role=os.environ["SPECTRUM_ROLE_ARN"],
        purchases=f"{PREFIX}/user_purchase/stage/",
        reviews=f"{PREFIX}/movie_review/stage/",
    )
    psql(warehouse, "load.sql", ds=ds, day=f"{PREFIX}/user_purchase/stage/{ds}/")


def totals(ds: str, schema: str) -> dict[str, str] | None:
    """The day in `schema`.user_behavior_metric; None if there is no such table."""
    found = psql(os.environ["REDSHIFT_URL"], "totals.sql", ds=ds, schema=schema)
    names = ("customers", "amount_spent", "review_score", "review_count")
    return dict(zip(names, found.strip().split("|"))) if found.strip() else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ds")
    parser.add_argument("--reviews", type=Path, default=os.environ.get("REVIEWS_SOURCE"))
    options = parser.parse_args()
    stage_purchases(options.ds)
    stage_reviews(Path(str(options.reviews).replace("{ds}", options.ds)))
    clean_reviews()
    load(options.ds)
    results = {"original": totals(options.ds, "original"), "jobs": totals(options.ds, "public")}
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
