"""Runs a command and writes what it took, and all it started, as one line of JSON to a file.

    measure.py RESULT COMMAND [ARGUMENT ...]

wall: seconds from the start to the end. cpu: user and system seconds of the process and of all
descendants that were waited for, by the kernel's account (wait4). memory: the largest sum of
resident sets of the tree that was seen (Linux, every 20 ms; pages that processes share count for
each), and at least the largest single process by the kernel's account. exit: as a shell tells it.
"""

import json
import os
import sys
import threading
import time

SAMPLE = 0.02
PAGE = os.sysconf("SC_PAGE_SIZE")


def children(pid):
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:  # gone, or not Linux
        pass
    return found


def tree(pid):
    pids = [pid]
    for each in pids:
        pids += children(each)
    return pids


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


class Sampler(threading.Thread):
    """Looks for new processes at every fifth sample: that costs more than to read a size."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()

    def run(self):
        pids, count = [], 0
        while not self.over.is_set():
            if count % 5 == 0 or count < 5:
                pids = tree(self.pid)
            count += 1
            self.peak = max(self.peak, sum(resident(pid) for pid in pids))
            self.over.wait(SAMPLE)


def main(result, command):
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    sampler = Sampler(pid)
    sampler.start()
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    sampler.over.set()
    code = os.waitstatus_to_exitcode(status)
    # Kibibytes, but bytes on macOS.
    single = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    with open(result, "w") as file:
        json.dump(
            {
                "wall": wall,
                "cpu": usage.ru_utime + usage.ru_stime,
                "memory": max(sampler.peak, single),
                "exit": 128 - code if code < 0 else code,
            },
            file,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
