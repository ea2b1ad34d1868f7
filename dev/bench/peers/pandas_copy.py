"""Copies the day with pandas: reads it all, builds the CSV in memory and uploads it."""

import os

import boto3
import pandas
from sqlalchemy import create_engine, text

address = os.environ["SOURCE_DATABASE_URL"].replace("postgres://", "postgresql+psycopg2://", 1)
engine = create_engine(address)
with engine.connect() as connection:
    frame = pandas.read_sql(text(os.environ["QUERY"]), connection)
body = frame.to_csv(index=False).encode()
boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=os.environ["KEY"], Body=body)
