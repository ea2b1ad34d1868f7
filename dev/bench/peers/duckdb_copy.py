"""Copies the day with DuckDB, which scans Postgres in parallel and writes CSV to S3."""

import os
import re
from importlib.resources import files
from urllib.parse import urlsplit

import duckdb

database = duckdb.connect()
for name in ("httpfs", "postgres_scanner"):
    folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    database.load_extension(str(folder / f"{name}.duckdb_extension"))
database.execute(f"attach '{os.environ['SOURCE_DATABASE_URL']}' as source (type postgres, read_only)")
database.execute(
    f"""create secret (type s3, key_id '{os.environ["AWS_ACCESS_KEY_ID"]}',
    secret '{os.environ["AWS_SECRET_ACCESS_KEY"]}', region '{os.environ["AWS_REGION"]}',
    endpoint '{urlsplit(os.environ["AWS_ENDPOINT_URL_S3"]).netloc}', url_style 'path', use_ssl false)"""
)
query = os.environ["QUERY"].replace("retail.user_purchase", "source.retail.user_purchase")
# A decimal of DuckDB is never NaN, so the check of the price would only make it a double.
query = re.sub(r"case when .* end as unit_price", "unit_price", query)
target = f"s3://{os.environ['BUCKET']}/{os.environ['KEY']}"
database.execute(f"copy ({query}) to '{target}' (format csv, header)")
