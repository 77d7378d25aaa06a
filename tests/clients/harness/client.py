"""A client program under test, driven over its stdin and stdout.

One request a line, one answer a line, both JSON; bytes travel as base64. The operations and their fields are
listed in ../README.md. A program answers {"ok": result}, {"error": text} or {"unsupported": reason}; while it
runs `write` it also sends lines {"acked": [[id, partition, offset], ...]}.
"""

import base64
import json
import os
import queue
import subprocess
import threading

# A client that says nothing for this long hangs: the check fails instead of the whole suite standing still.
SILENCE_GUARD_SECONDS = 180


class Unsupported(Exception):
    """The client library has no such function: the check does not apply to it."""


class ClientFailed(Exception):
    """The client library reported an error, or its program ended."""


def to_wire(data):
    return None if data is None else base64.b64encode(data).decode()


def from_wire(text):
    return None if text is None else base64.b64decode(text)


def records_to_wire(records):
    return [
        dict(
            record,
            key=to_wire(record["key"]),
            value=to_wire(record["value"]),
            headers=[[name, to_wire(value)] for name, value in record["headers"]],
        )
        for record in records
    ]


def records_from_wire(records):
    return [
        dict(
            record,
            key=from_wire(record["key"]),
            value=from_wire(record["value"]),
            headers=[(name, from_wire(value)) for name, value in record["headers"]],
        )
        for record in records
    ]


def start_program(command, bootstrap, log_path):
    """A client program with pipes for its lines; what it says on stderr is appended to the log."""
    environment = dict(os.environ, BOOTSTRAP=bootstrap, KAFKAJS_NO_PARTITIONER_WARNING="1")
    with open(log_path, "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )


class Client:
    """A running client program. Started on first use, and again after it has ended."""

    def __init__(self, command, bootstrap, log_path):
        self.command_ = command
        self.bootstrap_ = bootstrap
        self.log_path = log_path
        self.process_ = None
        self.lines_ = None

    def call(self, op, on_acked=None, **fields):
        """One operation; returns its result. `on_acked` sees the acknowledgements of a `write` as they come."""
        self.start_()
        request = json.dumps({"op": op, **fields})
        try:
            self.process_.stdin.write(request + "\n")
            self.process_.stdin.flush()
        except OSError as error:
            self.end()
            raise ClientFailed(f"{op}: the client program has ended ({error})") from error
        while True:
            answer = self.next_answer_(op)
            if "acked" in answer:
                on_acked(answer["acked"])
            elif "ok" in answer:
                return answer["ok"]
            elif "unsupported" in answer:
                raise Unsupported(answer["unsupported"])
            else:
                raise ClientFailed(f"{op}: {answer['error']}")

    def end(self):
        if self.process_:
            self.process_.kill()
            self.process_.wait()
            self.process_.stdin.close()
            self.process_ = None

    def start_(self):
        if self.process_ and self.process_.poll() is None:
            return
        self.process_ = start_program(self.command_, self.bootstrap_, self.log_path)
        self.lines_ = queue.Queue()
        threading.Thread(target=self.read_, args=(self.process_.stdout, self.lines_), daemon=True).start()

    @staticmethod
    def read_(stream, lines):
        for line in stream:
            lines.put(line)
        lines.put(None)
        stream.close()

    def next_answer_(self, op):
        try:
            line = self.lines_.get(timeout=SILENCE_GUARD_SECONDS)
        except queue.Empty:
            self.end()
            raise ClientFailed(f"{op}: no answer from the client for {SILENCE_GUARD_SECONDS} s") from None
        if line is None:
            self.end()
            raise ClientFailed(f"{op}: the client program ended: see {self.log_path}")
        return json.loads(line)
