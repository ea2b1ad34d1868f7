"""The calls that boto3 signs in different ways, against the S3 of the environment's variables."""

import io
import json
import os
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

bucket = os.environ["PIPELINE_BUCKET"]
s3 = boto3.client("s3")
small, large = b"small", os.urandom(6 * 2**20)
seen = []


def stored(key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


s3.put_object(Bucket=bucket, Key="a b/ü+é~.txt", Body=small, Metadata={"name": "a  b"})
seen.append(stored("a b/ü+é~.txt") == small)
parts = TransferConfig(multipart_threshold=2**20, multipart_chunksize=5 * 2**20)
s3.upload_fileobj(io.BytesIO(large), bucket, "parts", Config=parts)
seen.append(stored("parts") == large)
# A checksum in the trailer; over http botocore signs the chunks' digest or nothing of the body.
s3.put_object(Bucket=bucket, Key="sum", Body=io.BytesIO(large), ChecksumAlgorithm="SHA256")
seen.append(stored("sum") == large)
unsigned = boto3.client("s3", config=Config(s3={"payload_signing_enabled": False}))
unsigned.put_object(Bucket=bucket, Key="unsigned", Body=small)
seen.append(stored("unsigned") == small)
where = {"Bucket": bucket, "Key": "presigned"}
# Without this, boto3 signs URLs with version 2, which S3 refuses for buckets made since 2020.
fourth = boto3.client("s3", config=Config(signature_version="s3v4"))
put = fourth.generate_presigned_url("put_object", where, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(put, method="PUT", data=small)).close()
get = fourth.generate_presigned_url("get_object", where, ExpiresIn=60)
seen.append(urllib.request.urlopen(get).read() == small)
port = os.environ["AWS_ENDPOINT_URL_S3"].rpartition(":")[2]
named = boto3.client(
    "s3", endpoint_url=f"http://localhost:{port}", config=Config(s3={"addressing_style": "path"})
)
seen.append(named.get_object(Bucket=bucket, Key="presigned")["Body"].read() == small)
sts = boto3.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
role = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="one")
session = boto3.Session(
    role["Credentials"]["AccessKeyId"],
    role["Credentials"]["SecretAccessKey"],
    role["Credentials"]["SessionToken"],
)
seen.append(session.client("s3").get_object(Bucket=bucket, Key="sum")["ContentLength"])
secrets = boto3.client("secretsmanager")
secrets.create_secret(Name="one", SecretString="two")
seen.append(secrets.get_secret_value(SecretId="one")["SecretString"])
print(json.dumps(seen))
