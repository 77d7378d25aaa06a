"""A node under test: the clients' harness runs the process, this adds its log, its memory and its bad days."""

import os
import pathlib
import re
import subprocess
import time

from harness.broker import Broker

GUARD_SECONDS = 20
POLL_SECONDS = 0.01


def eventually(what, condition):
    """Waits for the condition; returns what it returned. The guard only keeps a hang from hanging the suite."""
    guard = time.monotonic() + GUARD_SECONDS
    while not (value := condition()):
        if time.monotonic() > guard:
            raise AssertionError(f"never seen: {what}")
        time.sleep(POLL_SECONDS)
    return value


def sanitizer(options):
    """A word for env: what a node with the address sanitizer is told. Of options that are given twice the last one
    counts."""
    return "ASAN_OPTIONS=" + ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), options]))


# For nodes whose memory is judged: the sanitizer holds back what they have freed, up to 256 MiB.
FREES_AT_ONCE = ["env", sanitizer("quarantine_size_mb=1")]


class Node(Broker):
    """Options are Kafka's names. `prefix` is a command that runs the node's command in its own place (as env does),
    so that the process stays ours to signal."""

    def __init__(self, folder, options=None, prefix=(), data=None):
        folder = pathlib.Path(folder)
        words = [word for name, value in (options or {}).items() for word in (f"--{name}", str(value))]
        self.log_file = folder / "node.log"

        def command(data, port):
            listener = f"PLAINTEXT://127.0.0.1:{port}"
            program = [os.environ["CHISME"], "node", "--log.dirs", data, "--listeners", listener]
            return [*prefix, *program, *words]

        super().__init__(command, data or folder / "data", self.log_file)

    def start_process(self):
        """Starts it without waiting until it serves."""
        with open(self.log_file, "ab") as log:
            self.process_ = subprocess.Popen(self.command_, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self.process_.pid

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def signal(self, number):
        self.process_.send_signal(number)

    def wait(self):
        return self.process_.wait(GUARD_SECONDS)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def lines(self, pattern, since=0):
        """`since`: a length that the log had."""
        return [line for line in self.log()[since:].splitlines() if re.search(pattern, line)]

    def await_line(self, pattern, since=0):
        return eventually(f"a log line with {pattern}", lambda: self.lines(pattern, since))[0]

    def stands_still(self):
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return all(re.search(r"\) (\w) ", (task / "stat").read_text())[1] == "T" for task in tasks)

    def memory_(self, field):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M).group(1)) * 1024

    def resident(self):
        return self.memory_("VmRSS")

    def peak_resident(self):
        return self.memory_("VmHWM")

    def forget_peak(self):
        """From here on the peak is counted anew (proc(5), clear_refs 5)."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def processor_seconds(self):
        """That its threads have run, in user and kernel mode."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def partition(self, topic, index=0):
        return pathlib.Path(self.data, f"{topic}-{index}")

    def segments(self, topic, index=0):
        return sorted(self.partition(topic, index).glob("*.log"))
