"""Three nodes of a cluster as processes on this machine, each with a folder of its own."""

import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

HOST = "127.0.0.1"
# Below the ports that the system gives to outgoing connections: nobody else takes them while a node is down.
PORTS = (12_000, 32_000)
GUARD_SECONDS = 30
POLL_SECONDS = 0.005


def free_address():
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return f"{HOST}:{port}"


def until(what, condition):
    """Returns what the condition came to."""
    guard = time.monotonic() + GUARD_SECONDS
    while not (found := condition()):
        if time.monotonic() > guard:
            sys.exit(f"still not so after {GUARD_SECONDS} s: {what}")
        time.sleep(POLL_SECONDS)
    return found


class Node:
    def __init__(self, program, folder, number, peers):
        self.number, self.address = number, free_address()
        self.data, self.log_file = folder / "data", folder / "node.log"
        folder.mkdir()
        self.command_ = [
            program, "node", "--node.id", str(number), "--log.dirs", str(self.data),
            "--listeners", f"PLAINTEXT://{self.address}", "--peer.listeners", peers[number - 1],
            "--seeds", ",".join(peers), "--expect", str(len(peers)),
        ]
        self.process_ = None
        self.starts_ = 0

    def start(self):
        self.starts_ += 1
        with open(self.log_file, "ab") as log:
            self.process_ = subprocess.Popen(self.command_, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def await_ready(self):
        def ready():
            if self.process_.poll() is not None:
                sys.exit(f"node {self.number} ended:\n{self.log()}")
            return self.log().count("node started") == self.starts_

        until(f"node {self.number} is ready; its log:\n{self.log()}", ready)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def kill(self):
        """-9: nothing is written, closed or said by it any more."""
        self.process_.kill()
        self.process_.wait()

    def terminate(self):
        if self.process_ and self.process_.poll() is None:
            self.process_.send_signal(signal.SIGTERM)

    def await_end(self):
        """Its exit code."""
        try:
            return self.process_.wait(GUARD_SECONDS) if self.process_ else None
        except subprocess.TimeoutExpired:
            self.process_.kill()
            return self.process_.wait()

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process_.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stored(self, topic, partition=0):
        """What it has on disk of this partition, as bytes."""
        segments = sorted(pathlib.Path(self.data, f"{topic}-{partition}").glob("*.log"))
        return b"".join(segment.read_bytes() for segment in segments)


class Nodes:
    """Use it in a `with`: whatever happens, no node outlives it."""

    def __init__(self, program, folder, count=3):
        peers = [free_address() for _ in range(count)]
        self.all = [Node(program, folder / f"node-{n}", n, peers) for n in range(1, count + 1)]
        self.addresses = ",".join(node.address for node in self.all)

    def __enter__(self):
        for node in self.all:
            node.start()
        for node in self.all:
            node.await_ready()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Their exit codes."""
        for node in self.all:
            node.terminate()
        return [node.await_end() for node in self.all]

    def number(self, number):
        return self.all[number - 1]
