"""Runs a command and writes the resources of its process tree to a file, as one line of JSON.

    measure.py RESULT COMMAND [ARGUMENT ...]

wall: seconds from start to end. cpu: user and system seconds of the process and of all descendants
that were waited for, as the kernel counts them (wait4). memory: the peak of the sum of the tree's
resident sets (Linux, sampled every 20 ms; a shared page counts once for each process), and at least
the largest single process as the kernel counts it. exit: the exit code as a shell reports it.
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
    """Looks for new processes only at every fifth sample: that costs more than reading a size."""

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
