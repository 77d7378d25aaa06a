"""The few Kafka requests that these suites need, written by hand so that each byte of them can be spoilt."""

import socket
import struct
from dataclasses import dataclass

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 2, 3, 18, 19
ANSWER_GUARD_SECONDS = 20


class Closed(Exception):
    """The node closed the connection."""


def string(text):
    if text is None:
        return struct.pack(">h", -1)
    raw = text.encode()
    return struct.pack(">h", len(raw)) + raw


def data(raw):
    return struct.pack(">i", -1) if raw is None else struct.pack(">i", len(raw)) + raw


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def header(key, version, correlation=0, client="nemesis"):
    return struct.pack(">hhi", key, version, correlation) + string(client)


def frame(content):
    return struct.pack(">i", len(content)) + content


class Reader:
    def __init__(self, raw):
        self.raw_, self.at_ = raw, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.raw_, self.at_)
        self.at_ += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def bytes(self, size):
        part = self.raw_[self.at_ : self.at_ + size]
        self.at_ += size
        return part

    def string(self):
        size = self.take("h")
        return None if size < 0 else self.bytes(size).decode()

    def data(self):
        size = self.take("i")
        return None if size < 0 else self.bytes(size)

    def array(self, read):
        return [read() for _ in range(max(0, self.take("i")))]


@dataclass
class Produced:
    error: int
    offset: int
    message: str


@dataclass
class Fetched:
    error: int
    high_watermark: int
    records: bytes


class Client:
    """One connection. Requests are answered in order, so a correlation id is a counter."""

    def __init__(self, port, receive_buffer=None, patience=ANSWER_GUARD_SECONDS):
        """`patience`, in seconds: an answer that takes longer raises TimeoutError."""
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(patience)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self.peer = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.sent_ = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, raw):
        try:
            self.socket.sendall(raw)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise Closed from error

    def receive(self, size):
        """Exactly so many bytes."""
        parts, missing = [], size
        while missing:
            try:
                part = self.socket.recv(min(missing, 1 << 20))
            except ConnectionResetError as error:
                raise Closed from error
            if not part:
                raise Closed
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def answer(self):
        """The next answer: its correlation id and what follows."""
        whole = Reader(self.receive(struct.unpack(">i", self.receive(4))[0]))
        return whole.take("i"), whole

    def ask(self, key, version, body):
        self.sent_ += 1
        self.send(frame(header(key, version, self.sent_) + body))
        return self.answer_to_(self.sent_)

    def answer_to_(self, correlation):
        got, rest = self.answer()
        if got != correlation:
            raise AssertionError(f"answer {got} came where {correlation} was due")
        return rest

    def closed_by_node(self):
        """Waits until the node closes; returns the bytes that it sent before."""
        received = b""
        try:
            while part := self.socket.recv(1 << 20):
                received += part
        except ConnectionResetError:
            pass
        return received

    def api_versions(self):
        """{key: (lowest, highest version)}"""
        answer = self.ask(API_VERSIONS, 0, b"")
        assert answer.take("h") == 0
        return {key: (low, high) for key, low, high in answer.array(lambda: answer.take("hhh"))}

    def create_topic_request(self, name, partitions=1, replicas=1, **configs):
        """A whole frame. Option names come with _ for the dots."""
        options = [string(k.replace("_", ".")) + string(str(v)) for k, v in configs.items()]
        topic = string(name) + struct.pack(">ih", partitions, replicas) + array([]) + array(options)
        self.sent_ += 1
        return frame(header(CREATE_TOPICS, 2, self.sent_) + array([topic]) + struct.pack(">i?", 30_000, False))

    def create_topic(self, name, partitions=1, **configs):
        """Returns the error code."""
        self.send(self.create_topic_request(name, partitions, **configs))
        answer = self.answer_to_(self.sent_)
        answer.take("i")
        return answer.array(lambda: (answer.string(), answer.take("h"), answer.string()))[0][1]

    def send_produce(self, topic, batches, acks=-1, transactional_id=None):
        """`batches` is {partition: bytes}. The answer, unless acks is 0, is for produced() to take."""
        parts = [struct.pack(">i", p) + data(b) for p, b in batches.items()]
        body = string(transactional_id) + struct.pack(">hi", acks, 30_000)
        self.sent_ += 1
        body += array([string(topic) + array(parts)])
        self.send(frame(header(PRODUCE, 8, self.sent_) + body))
        return self.sent_

    def produced(self, correlation):
        """{partition: Produced} of the next answer, which has to be the one to that request."""
        answer = self.answer_to_(correlation)

        def partition():
            index, error, offset, _, _ = answer.take("ihqqq")
            answer.array(lambda: (answer.take("i"), answer.string()))
            return index, Produced(error, offset, answer.string())

        return dict(answer.array(lambda: (answer.string(), answer.array(partition)))[0][1])

    def produce(self, topic, batch, partition=0, **options):
        return self.produced(self.send_produce(topic, {partition: batch}, **options))[partition]

    def fetch_request(self, topic, offset, partition=0, max_bytes=64 << 20, wait_ms=0):
        """The whole request in bytes."""
        self.sent_ += 1
        places = array([struct.pack(">iqi", partition, offset, max_bytes)])
        body = struct.pack(">iiiib", -1, wait_ms, 1, max_bytes, 0) + array([string(topic) + places])
        return frame(header(FETCH, 4, self.sent_) + body)

    def fetched(self, correlation):
        answer = self.answer_to_(correlation)
        answer.take("i")

        def partition():
            _, error, high_watermark, _ = answer.take("ihqq")
            answer.array(lambda: answer.take("qq"))
            return Fetched(error, high_watermark, answer.data() or b"")

        return answer.array(lambda: (answer.string(), answer.array(partition)))[0][1][0]

    def fetch(self, topic, offset, **options):
        self.send(self.fetch_request(topic, offset, **options))
        return self.fetched(self.sent_)

    def list_offset(self, topic, timestamp, partition=0):
        """(error, offset); timestamp -1 is the end, -2 the start."""
        place = array([struct.pack(">iq", partition, timestamp)])
        answer = self.ask(LIST_OFFSETS, 1, struct.pack(">i", -1) + array([string(topic) + place]))

        def entry():
            _, error, _, offset = answer.take("ihqq")
            return error, offset

        return answer.array(lambda: (answer.string(), answer.array(entry)))[0][1][0]

    def end_offset(self, topic, partition=0):
        return self.list_offset(topic, -1, partition)[1]
