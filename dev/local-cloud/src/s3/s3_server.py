"""Runs ministack, and ends it when the supervisor dies, which closes standard input."""

import os
import runpy
import signal
import threading

import expect_continue
import full_object_checksum
import one_write
import refused_write
import signed_requests
import strict_requests


def end_with_supervisor() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# Other users may not read the objects.
os.umask(0o077)
expect_continue.install()
one_write.install()
full_object_checksum.install()
strict_requests.install()
refused_write.install()
signed_requests.install()
threading.Thread(target=end_with_supervisor, daemon=True).start()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
