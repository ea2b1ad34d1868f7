"""Adds multipart uploads with a checksum of the whole object, which ministack 1.5.33 lacks.

If CreateMultipartUpload specifies ChecksumType FULL_OBJECT, S3 checks and keeps the checksum of the
object's bytes. Otherwise the checksum is COMPOSITE, computed from the parts' checksums; ministack
supports only that one. Rules: S3 API reference, CreateMultipartUpload and CompleteMultipartUpload,
ChecksumType.
"""

import base64
import threading
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring
from ministack.services import s3

FULL_OBJECT = "FULL_OBJECT"
# SHA checksums can only be COMPOSITE.
FULL_OBJECT_ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME")

_create = s3._create_multipart_upload
_complete = s3._complete_multipart_upload
_composite = s3._composite_checksum
_persist = s3._persist_object

# The FULL_OBJECT upload that this thread is completing, and its part numbers.
_completing = threading.local()


def create(bucket, key, headers):
    asked = headers.get("x-amz-checksum-type", "").upper() == FULL_OBJECT
    algorithm = headers.get("x-amz-checksum-algorithm", "").upper().replace("_", "")
    if asked and algorithm not in FULL_OBJECT_ALGORITHMS:
        message = f"The FULL_OBJECT checksum type cannot be used with the algorithm {algorithm or 'none'}."
        return s3._error("InvalidRequest", message, 400)
    status, reply, body = _create(bucket, key, headers)
    if asked and status == 200:
        upload_id = fromstring(body).findtext("{*}UploadId")
        s3._multipart_uploads[upload_id]["full_object"] = True
        reply = {**reply, "x-amz-checksum-type": FULL_OBJECT}
    return status, reply, body


def complete(bucket, key, body, query_params, headers=None):
    upload_id = s3._qp(query_params, "uploadId")
    upload = s3._multipart_uploads.get(upload_id) or {}
    kind = FULL_OBJECT if upload.get("full_object") else "COMPOSITE"
    declared = (headers or {}).get("x-amz-checksum-type", "").upper()
    if upload and declared and declared != kind:
        return s3._error(
            "BadDigest", "The checksum type is not the one that the upload began with.", 400
        )
    try:
        numbers = [int(part.text) for part in fromstring(body).findall(".//{*}PartNumber")]
    except (ParseError, TypeError, ValueError):
        numbers = []
    if kind != FULL_OBJECT or not numbers:
        return _complete(bucket, key, body, query_params, headers)
    _completing.upload, _completing.numbers = upload, sorted(numbers)
    try:
        status, reply, text = _complete(bucket, key, body, query_params, headers)
    finally:
        _completing.upload = None
    response = (
        status,
        reply,
        text.replace(b"<ChecksumType>COMPOSITE<", b"<ChecksumType>FULL_OBJECT<"),
    )
    done = s3._completed_multipart_uploads.get(upload_id)
    if status == 200 and done is not None:
        done["response"] = response
    return response


def checksum(algorithm, part_checksums):
    upload = getattr(_completing, "upload", None)
    if upload is None:
        return _composite(algorithm, part_checksums)
    bodies = [upload["parts"][number]["body"] for number in _completing.numbers]
    if algorithm != "CRC32":
        return s3._compute_s3_checksum(algorithm, b"".join(bodies))
    value = 0
    for part in bodies:
        value = zlib.crc32(part, value)
    return base64.b64encode(value.to_bytes(4, "big")).decode()


def persist(bucket, key, record):
    if getattr(_completing, "upload", None) is not None:
        record["checksum_type"] = FULL_OBJECT
    return _persist(bucket, key, record)


def install():
    """Replaces ministack's own functions."""
    s3._create_multipart_upload = create
    s3._complete_multipart_upload = complete
    s3._composite_checksum = checksum
    s3._persist_object = persist
