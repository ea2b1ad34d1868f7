"""Refuses what S3 refuses and ministack 1.5.33 accepts.

Rules: S3 API reference, CompleteMultipartUpload (EntityTooSmall, InvalidPartOrder) and ListObjectsV2.
"""

import base64
from itertools import pairwise
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring
from ministack.services import s3

# Bytes; only the last part of an upload may be smaller.
SMALLEST_PART = 5 * 2**20

_list = s3._list_objects_v2
_complete = s3._complete_multipart_upload


def complete(bucket, key, body, query_params, headers=None):
    upload = s3._multipart_uploads.get(s3._qp(query_params, "uploadId"))
    try:
        numbers = [int(part.text) for part in fromstring(body).findall(".//{*}PartNumber")]
    except (ParseError, TypeError, ValueError):
        numbers = []
    if upload is not None and any(first >= second for first, second in pairwise(numbers)):
        return s3._error("InvalidPartOrder", "The parts must be listed in ascending order.", 400)
    parts = [] if upload is None else [upload["parts"].get(number) for number in numbers[:-1]]
    if any(part is not None and len(part["body"]) < SMALLEST_PART for part in parts):
        message = "Every part of an upload but the last must have at least 5 MiB."
        return s3._error("EntityTooSmall", message, 400)
    return _complete(bucket, key, body, query_params, headers)


def list_objects(bucket, query_params):
    token = s3._qp(query_params, "continuation-token", "")
    try:
        base64.b64decode(token, validate=True).decode()
    except ValueError:
        return s3._error("InvalidArgument", "The continuation token provided is incorrect.", 400)
    return _list(bucket, query_params)


def install():
    """Replaces ministack's own functions; after full_object_checksum, whose function it calls."""
    global _complete
    _complete = s3._complete_multipart_upload
    s3._complete_multipart_upload = complete
    s3._list_objects_v2 = list_objects
