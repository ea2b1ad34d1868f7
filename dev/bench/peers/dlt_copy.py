"""Copies the day with dlt and its fastest reader, connectorx."""

import os
import tempfile

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "DESTINATION__FILESYSTEM__BUCKET_URL": f"s3://{os.environ['BUCKET']}",
    "DESTINATION__FILESYSTEM__CREDENTIALS__AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
    "DESTINATION__FILESYSTEM__CREDENTIALS__AWS_SECRET_ACCESS_KEY": os.environ[
        "AWS_SECRET_ACCESS_KEY"
    ],
    "DESTINATION__FILESYSTEM__CREDENTIALS__ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL_S3"],
    "DESTINATION__FILESYSTEM__CREDENTIALS__REGION_NAME": os.environ["AWS_REGION"],
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}

import connectorx  # noqa: E402
import dlt  # noqa: E402

address = os.environ["SOURCE_DATABASE_URL"].replace("postgres://", "postgresql://", 1)


@dlt.resource(name="purchases", write_disposition="replace")
def purchases():
    yield connectorx.read_sql(address, os.environ["QUERY"], return_type="arrow", protocol="binary")


with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=folder, destination="filesystem", dataset_name="bench"
    )
    pipeline.run(purchases(), loader_file_format="csv").raise_on_failed_jobs()
