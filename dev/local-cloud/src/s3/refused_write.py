"""Reports a failed write to the client.

If the disk is full, ministack 1.5.33 logs the error, answers 200 and loses the object at its next
start. With this module, the previous object is restored, an upload stays open, and the reply is 503,
after which clients retry.
"""

import errno
import threading

from ministack.services import s3

# No space left, quota exceeded, and a file larger than the process may write.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_write = s3._atomic_write
# The write error of the request that this thread is handling.
_request = threading.local()


def write(path, data, *, text=False):
    try:
        _write(path, data, text=text)
    except OSError as error:
        if error.errno in FULL:
            _request.refused = error
        raise


def or_nothing(handler):
    """Makes the handler of a request that writes an object atomic."""

    def handle(bucket, key, *rest, **named):
        objects = (s3._buckets.get(bucket) or {}).get("objects", {})
        before = objects.get(key)
        uploads = dict(s3._multipart_uploads)
        _request.refused = None
        answer = handler(bucket, key, *rest, **named)
        if _request.refused is None:
            return answer
        if before is None:
            objects.pop(key, None)
        else:
            objects[key] = before
        for upload_id, upload in uploads.items():
            if upload_id not in s3._multipart_uploads:
                s3._multipart_uploads[upload_id] = upload
                s3._completed_multipart_uploads.pop(upload_id, None)
        return s3._error("ServiceUnavailable", f"no room: {_request.refused.strerror}", 503)

    return handle


def install():
    """Replaces ministack's own functions."""
    s3._atomic_write = write
    s3._put_object = or_nothing(s3._put_object)
    s3._copy_object = or_nothing(s3._copy_object)
    s3._complete_multipart_upload = or_nothing(s3._complete_multipart_upload)
