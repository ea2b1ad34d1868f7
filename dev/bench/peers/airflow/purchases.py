"""Copies the day with Airflow's SqlToS3Operator as people run it: as a task of a DAG."""

import datetime
import os

from airflow.providers.amazon.aws.transfers.sql_to_s3 import SqlToS3Operator
from airflow.sdk import DAG

with DAG("purchases", start_date=datetime.datetime(2010, 12, 1), schedule=None):
    SqlToS3Operator(
        task_id="extract",
        query=os.environ.get("QUERY", "select 1"),
        sql_conn_id="source",
        s3_bucket=os.environ.get("BUCKET", ""),
        s3_key=os.environ.get("KEY", ""),
        replace=True,
        pd_kwargs={},
    )
