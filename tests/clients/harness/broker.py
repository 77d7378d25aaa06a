"""A broker process under test: started, killed and stopped by the suite, and never waited for by sleeping."""

import random
import shlex
import signal
import socket
import struct
import subprocess
import time

PORTS = (12_000, 32_000)
POLL_SECONDS = 0.02
READY_GUARD_SECONDS = 60
STOP_GUARD_SECONDS = 30


def free_port():
    """A port that stays ours while the broker is down: none from the range of outgoing connections.

    A client that reconnects to a port in that range may be given this very port as its own end, which keeps it from
    the broker that is to be started again.
    """
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def answers_api_versions(port):
    """Whether something on the port answers ApiVersions v0 (key 18) with our correlation id and no error."""
    request = struct.pack(">hhih", 18, 0, 7, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = b""
            while len(answer) < 10:
                part = connection.recv(64)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return struct.unpack(">ih", answer[4:10]) == (7, 0)


class Broker:
    """One broker on one port and one data folder; both stay the same over restarts.

    `command_for(data, port)` gives the words of a command that runs the broker in the foreground. What it prints is
    appended to `log_path`, which the suite keeps when a check has failed.
    """

    def __init__(self, command_for, data, log_path):
        self.port = free_port()
        self.data = data
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.log_path_ = log_path
        self.command_ = [str(word) for word in command_for(data, self.port)]
        self.process_ = None

    def start(self):
        """Returns once ApiVersions is answered; raises RuntimeError when the process ends before that."""
        self.start_process()
        self.await_answer()

    def start_process(self):
        with open(self.log_path_, "ab") as log:
            log.write(f"--- start: {shlex.join(self.command_)}\n".encode())
            log.flush()
            self.process_ = subprocess.Popen(self.command_, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def await_answer(self):
        guard = time.monotonic() + READY_GUARD_SECONDS
        while not answers_api_versions(self.port):
            if self.process_.poll() is not None:
                raise RuntimeError(
                    f"the broker ended with code {self.process_.returncode}: see {self.log_path_}"
                )
            if time.monotonic() > guard:
                self.kill()
                raise RuntimeError(f"the broker never answered ApiVersions: see {self.log_path_}")
            time.sleep(POLL_SECONDS)

    def running(self):
        return self.process_ is not None and self.process_.poll() is None

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed by the process."""
        if self.running():
            self.process_.kill()
            self.process_.wait()

    def kill_leader(self, topic, partition):
        """The one that leads this partition, of brokers that are several (cluster.py)."""
        self.kill()

    def kill_coordinator(self, group):
        self.kill()

    def data_of(self, topic, partition):
        """A folder that has a copy of this partition."""
        return self.data

    def stop(self):
        """SIGTERM; returns the exit code, or None when it had to be killed because it did not end."""
        self.terminate()
        return self.await_end()

    def terminate(self):
        self.process_.send_signal(signal.SIGTERM)

    def await_end(self):
        try:
            return self.process_.wait(timeout=STOP_GUARD_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
