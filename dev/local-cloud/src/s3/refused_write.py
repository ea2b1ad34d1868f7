"""A write that the disk refuses is refused to the client.

ministack 1.5.33 logs it, answers 200 and forgets the object at its next start. Here the object that
stood before stands again, an upload stays open, and the answer is 503, after which clients try again.
"""

import errno
import threading

from ministack.services import s3

# No space, no quota, and a file larger than the process may write.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_write = s3._atomic_write
# What the disk refused to the request that this thread works for.
_request = threading.local()


def write(path, data, *, text=False):
    try:
        _write(path, data, text=text)
    except OSError as error:
        if error.errno in FULL:
            _request.refused = error
        raise


def or_nothing(handler):
    """The handler of a request that writes an object: all of it happens, or nothing."""

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
    """Puts these in place of ministack's own."""
    s3._atomic_write = write
    s3._put_object = or_nothing(s3._put_object)
    s3._copy_object = or_nothing(s3._copy_object)
    s3._complete_multipart_upload = or_nothing(s3._complete_multipart_upload)
