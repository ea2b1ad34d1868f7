"""Copies the day with Airflow's SqlToS3Operator, run directly, without scheduler and database."""

import os

os.environ |= {
    "AIRFLOW_CONN_SOURCE": os.environ["SOURCE_DATABASE_URL"],
    "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
}

from airflow.providers.amazon.aws.transfers.sql_to_s3 import SqlToS3Operator  # noqa: E402

SqlToS3Operator(
    task_id="extract",
    query=os.environ["QUERY"],
    sql_conn_id="source",
    s3_bucket=os.environ["BUCKET"],
    s3_key=os.environ["KEY"],
    replace=True,
    pd_kwargs={},
).execute({})
