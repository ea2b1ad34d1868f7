"""Compares S3 and Secrets Manager of the local cloud with botocore's models: python s3_model.py

It calls what the jobs, the operator and the tools call, and prints the differences as JSON: members of replies that
the model does not have, that have another type or that it requires and the reply lacks; other error codes; wrong
pages. Credentials and addresses come from the environment, as .env.local has them.
"""

from __future__ import annotations

import json
import os

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import boto3
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ListShape, MapShape, Shape, StructureShape

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
# Members of replies that clients need; the models of these services require none.
EXPECTED = {
    "PutObject": {"ETag"},
    "GetObject": {"ETag", "ContentLength", "LastModified", "Body"},
    "HeadObject": {"ETag", "ContentLength", "LastModified"},
    "ListObjectsV2": {"Name", "Prefix", "MaxKeys", "KeyCount", "IsTruncated", "Contents"},
    "CreateMultipartUpload": {"Bucket", "Key", "UploadId"},
    "UploadPart": {"ETag"},
    "ListParts": {"Bucket", "Key", "UploadId", "IsTruncated", "Parts"},
    "ListMultipartUploads": {"Bucket", "IsTruncated", "Uploads"},
    "CompleteMultipartUpload": {"Bucket", "Key", "ETag"},
    "DeleteObjects": {"Deleted"},
    "GetSecretValue": {"ARN", "Name", "VersionId", "SecretString", "CreatedDate"},
}


def json_faults(shape: Shape, value: Any, at: str) -> list[str]:
    """Where a value of a JSON reply differs from its shape."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            return [f"{at} is no structure"]
        faults = [f"{at}.{key} is not in the model" for key in value if key not in shape.members]
        return faults + [
            fault
            for key, part in value.items()
            if key in shape.members
            for fault in json_faults(shape.members[key], part, f"{at}.{key}")
        ]
    if isinstance(shape, ListShape):
        return [fault for part in value for fault in json_faults(shape.member, part, f"{at}[]")]
    return leaf_faults(shape, value, at)


def leaf_faults(shape: Shape, value: Any, at: str) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    if getattr(shape, "enum", None) and text not in shape.enum:
        return [f"{at} is {text}, which the enum {shape.name} does not have"]
    if shape.type_name in ("integer", "long") and not text.lstrip("-").isdigit():
        return [f"{at} is {text}, not of type {shape.type_name}"]
    if shape.type_name == "boolean" and text not in ("true", "false"):
        return [f"{at} is {text}, not of type boolean"]
    return []


def xml_faults(shape: StructureShape, element: ElementTree.Element, at: str) -> list[str]:
    """Where the elements of an XML reply differ from the members of its shape."""
    names = {}
    for member, of in shape.members.items():
        if of.serialization.get("location") is None:
            flat = isinstance(of, ListShape) and of.serialization.get("flattened")
            own = of.serialization.get("name", member)
            names[of.member.serialization.get("name", own) if flat else own] = of
    faults = []
    for child in element:
        if not child.tag.startswith(NAMESPACE):
            faults.append(f"{at}: {child.tag} is not in the namespace of S3")
        name = child.tag.removeprefix(NAMESPACE)
        if name not in names:
            faults.append(f"{at}.{name} is not in the model")
            continue
        of = names[name]
        if isinstance(of, ListShape):
            parts = [child] if of.serialization.get("flattened") else list(child)
            of = of.member
        else:
            parts = [child]
        for part in parts:
            if isinstance(of, StructureShape):
                faults += xml_faults(of, part, f"{at}.{name}")
            elif not isinstance(of, MapShape):
                faults += leaf_faults(of, part.text or "", f"{at}.{name}")
    return faults


class Comparison:
    def __init__(self) -> None:
        self.differences: list[str] = []
        self.operations: set[str] = set()
        self.requests = 0

    def client(self, service: str) -> Any:
        client = boto3.client(service)
        client.meta.events.register(f"before-parse.{service}", self.look)
        return client

    def look(self, operation_model: Any, response_dict: dict[str, Any], **_rest: Any) -> None:
        self.requests += 1
        self.operations.add(operation_model.name)
        if response_dict["status_code"] >= 300:
            return
        shape = operation_model.output_shape
        body = response_dict["body"]
        protocol = operation_model.metadata["protocol"]
        at = operation_model.name
        if shape is None:
            self.differences += [f"{at} has a body"] if body else []
        elif protocol == "json":
            self.differences += json_faults(shape, json.loads(body), at)
        elif protocol == "rest-xml":
            known = {of.serialization.get("name", "").lower() for of in shape.members.values()}
            self.differences += [
                f"{at}: the header {name} is not in the model"
                for name in (key.lower() for key in response_dict["headers"])
                if name.startswith("x-amz-")
                and name not in known | {"x-amz-id-2", "x-amz-request-id"}
            ]
            if "payload" not in shape.serialization and body:
                self.differences += xml_faults(shape, ElementTree.fromstring(body), at)

    def call(self, method: Callable[..., Any], **request: Any) -> Any:
        operation = "".join(part.title() for part in method.__name__.split("_"))
        try:
            reply = method(**request)
        except ClientError as error:
            self.differences.append(f"{operation}: {error}")
            return {}
        missing = EXPECTED.get(operation, set()) - set(reply)
        self.differences += [f"{operation} has no {name}" for name in sorted(missing)]
        return reply

    def refused(
        self, what: str, code: str, status: int, method: Callable[..., Any], **request: Any
    ) -> None:
        """The call must end with this error."""
        try:
            method(**request)
        except ClientError as error:
            got = (
                error.response["Error"]["Code"],
                error.response["ResponseMetadata"]["HTTPStatusCode"],
            )
            if got != (code, status):
                self.differences.append(f"{what}: {got[0]} {got[1]}, not {code} {status}")
        except ParamValidationError as error:
            self.differences.append(f"{what}: {error}")
        else:
            self.differences.append(f"{what}: no error, not {code} {status}")

    def pages(self, client: Any, method: str, key: str, least: int, **request: Any) -> None:
        """Each page has other items, and one page has no more than asked for."""
        names = client.get_paginator(method)
        pages = list(names.paginate(**request))
        items = [
            json.dumps(item, sort_keys=True, default=str)
            for page in pages
            for item in page.get(key, [])
        ]
        if len(pages) < 2 or len(items) < least or len(set(items)) != len(items):
            self.differences.append(
                f"{method}: {len(pages)} pages with {len(set(items))} of {len(items)} items"
            )


def compare_s3(to: Comparison) -> None:
    s3 = to.client("s3")
    bucket = f"compared-{os.getpid()}"
    at = {"Bucket": bucket}
    to.call(s3.create_bucket, **at)
    to.call(s3.head_bucket, **at)
    of = {**at, "Key": "folder/one"}
    put = to.call(
        s3.put_object,
        **of,
        Body=b"abc",
        IfNoneMatch="*",
        ContentType="text/plain",
        Metadata={"a": "b"},
    )
    to.refused(
        "a second first put",
        "PreconditionFailed",
        412,
        s3.put_object,
        **of,
        Body=b"x",
        IfNoneMatch="*",
    )
    to.refused(
        "a put on another", "PreconditionFailed", 412, s3.put_object, **of, Body=b"x", IfMatch='"0"'
    )
    to.refused(
        "a put on none", "NoSuchKey", 404, s3.put_object, **at, Key="none", Body=b"x", IfMatch='"0"'
    )
    to.call(s3.put_object, **of, Body=b"abcd", IfMatch=put["ETag"], ChecksumAlgorithm="SHA256")
    to.refused(
        "a wrong checksum",
        "BadDigest",
        400,
        s3.put_object,
        **of,
        Body=b"x",
        ChecksumCRC32="AAAAAA==",
    )
    to.refused("no MD5", "InvalidDigest", 400, s3.put_object, **of, Body=b"x", ContentMD5="x")
    to.call(s3.get_object, **of, ChecksumMode="ENABLED")["Body"].read()
    if to.call(s3.get_object, **of, Range="bytes=1-2")["Body"].read() != b"bc":
        to.differences.append("GetObject: another range")
    to.refused("a range beyond", "InvalidRange", 416, s3.get_object, **of, Range="bytes=9-")
    to.refused("a get if changed", "PreconditionFailed", 412, s3.get_object, **of, IfMatch='"0"')
    to.call(s3.head_object, **of)
    to.refused("a get of none", "NoSuchKey", 404, s3.get_object, **at, Key="none")
    to.refused("a head of none", "404", 404, s3.head_object, **at, Key="none")
    to.refused("no bucket", "NoSuchBucket", 404, s3.list_objects_v2, Bucket="no-such-bucket")
    to.refused(
        "a put into none",
        "NoSuchBucket",
        404,
        s3.put_object,
        Bucket="no-such-bucket",
        Key="a",
        Body=b"",
    )
    for index in range(5):
        to.call(s3.put_object, **at, Key=f"many/ä &<{index}>", Body=b"")
    to.call(
        s3.list_objects_v2,
        **at,
        Prefix="many/",
        Delimiter="/",
        EncodingType="url",
        StartAfter="many/a",
    )
    grouped = s3.list_objects_v2(**at, Delimiter="/")
    if [part["Prefix"] for part in grouped.get("CommonPrefixes", [])] != ["folder/", "many/"]:
        to.differences.append("ListObjectsV2: other common prefixes")
    to.pages(s3, "list_objects_v2", "Contents", 6, **at, PaginationConfig={"PageSize": 2})
    to.refused(
        "a wrong token",
        "InvalidArgument",
        400,
        s3.list_objects_v2,
        **at,
        ContinuationToken="no token",
    )

    upload = to.call(s3.create_multipart_upload, **at, Key="parts", ChecksumAlgorithm="CRC32")
    parts = {**at, "Key": "parts", "UploadId": upload["UploadId"]}
    size = 5 * 1024 * 1024
    etags = [
        to.call(
            s3.upload_part, **parts, PartNumber=number, Body=b"x" * size, ChecksumAlgorithm="CRC32"
        )
        for number in (1, 2, 3)
    ]
    to.call(s3.list_parts, **parts)
    to.pages(s3, "list_parts", "Parts", 3, **parts, PaginationConfig={"PageSize": 1})
    for number in range(3):
        s3.create_multipart_upload(**at, Key=f"open/{number}")
    to.call(s3.list_multipart_uploads, **at)
    to.pages(s3, "list_multipart_uploads", "Uploads", 4, **at, PaginationConfig={"PageSize": 2})

    def listed(numbers: list[int], etag: str | None = None) -> dict[str, Any]:
        return {
            "Parts": [
                {
                    "PartNumber": number,
                    "ETag": etag or etags[number - 1]["ETag"],
                    "ChecksumCRC32": etags[number - 1].get("ChecksumCRC32"),
                }
                for number in numbers
            ]
        }

    end = s3.complete_multipart_upload
    to.refused(
        "parts in disorder", "InvalidPartOrder", 400, end, **parts, MultipartUpload=listed([2, 1])
    )
    to.refused(
        "a part of none", "InvalidPart", 400, end, **parts, MultipartUpload=listed([1], '"0"')
    )
    to.call(end, **parts, MultipartUpload=listed([1, 2, 3]))
    to.call(s3.head_object, **at, Key="parts", ChecksumMode="ENABLED")
    small = s3.create_multipart_upload(**at, Key="small")
    of_small = {**at, "Key": "small", "UploadId": small["UploadId"]}
    tags = [s3.upload_part(**of_small, PartNumber=number, Body=b"x")["ETag"] for number in (1, 2)]
    both = {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]}
    to.refused("a part too small", "EntityTooSmall", 400, end, **of_small, MultipartUpload=both)
    to.call(s3.abort_multipart_upload, **of_small)
    to.refused(
        "a part of an ended upload",
        "NoSuchUpload",
        404,
        s3.upload_part,
        **of_small,
        PartNumber=1,
        Body=b"x",
    )
    to.refused("an end of none", "NoSuchUpload", 404, end, **of_small, MultipartUpload=both)

    to.call(s3.delete_object, **of)
    to.call(s3.delete_object, **of)
    to.refused("a bucket with objects", "BucketNotEmpty", 409, s3.delete_bucket, **at)
    for page in s3.get_paginator("list_multipart_uploads").paginate(**at):
        for item in page.get("Uploads", []):
            to.call(s3.abort_multipart_upload, **at, Key=item["Key"], UploadId=item["UploadId"])
    keys = [{"Key": item["Key"]} for item in s3.list_objects_v2(**at)["Contents"]]
    to.call(s3.delete_objects, **at, Delete={"Objects": [*keys, {"Key": "none"}]})
    to.call(s3.delete_bucket, **at)


def compare_secrets(to: Comparison) -> None:
    secrets = to.client("secretsmanager")
    name = f"compared-{os.getpid()}"
    created = to.call(secrets.create_secret, Name=name, SecretString='{"password":"x"}')
    for identifier in (name, created["ARN"]):
        to.call(secrets.get_secret_value, SecretId=identifier)
    to.refused(
        "a secret of none",
        "ResourceNotFoundException",
        400,
        secrets.get_secret_value,
        SecretId="none",
    )
    to.refused(
        "a second secret",
        "ResourceExistsException",
        400,
        secrets.create_secret,
        Name=name,
        SecretString="y",
    )
    to.call(secrets.put_secret_value, SecretId=name, SecretString="z")
    to.call(secrets.delete_secret, SecretId=name, ForceDeleteWithoutRecovery=True)


def main() -> None:
    to = Comparison()
    compare_s3(to)
    compare_secrets(to)
    report = {
        "requests": to.requests,
        "operations": sorted(to.operations),
        "differences": to.differences,
    }
    print(json.dumps(report, indent=1 if os.environ.get("INDENT") else None))


if __name__ == "__main__":
    main()
