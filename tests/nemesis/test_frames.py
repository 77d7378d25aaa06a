"""What is no Kafka request at all: the connection is closed with one line, everybody else goes on (P6, P7)."""

import random
import struct
import threading

from support.case import MIB, SharedNodeCase
from support.wire import API_VERSIONS, frame, header

STALLED = "a request stayed unfinished"
LARGEST = 104_857_600
TLS_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(64)


class Frames(SharedNodeCase):
    OPTIONS = {"connection.drain.timeout.ms": 400}

    def sent(self, raw):
        client = self.client(self.shared)
        client.send(raw)
        return client

    def check(self, raw, reason):
        client = self.sent(raw)
        self.assert_closed(self.shared, client, reason)
        self.assert_serves(self.shared)

    def test_garbage(self):
        """The first four bytes are a size, too large or never reached."""
        for seed in range(30):
            with self.subTest(seed=seed):
                raw = random.Random(seed).randbytes(512)
                size = struct.unpack(">i", raw[:4])[0]
                self.check(raw, f"frame of {size} bytes" if not 0 <= size <= LARGEST else STALLED)

    def test_frames_of_garbage(self):
        """Well framed garbage is a request of an unknown API at best."""
        for seed in range(30):
            with self.subTest(seed=seed):
                client = self.sent(frame(b"\x7f" + random.Random(seed).randbytes(200)))
                self.assert_closed(self.shared, client, "header|unsupported request")
        self.assert_serves(self.shared)

    def test_truncated_frame_then_silence(self):
        whole = frame(header(API_VERSIONS, 0))
        for size in range(1, len(whole)):
            with self.subTest(bytes=size):
                self.assert_closed(self.shared, self.sent(whole[:size]), STALLED)
        self.assert_serves(self.shared)

    def test_truncated_frame_then_end(self):
        client = self.sent(frame(header(API_VERSIONS, 0))[:-3])
        client.socket.shutdown(1)
        self.assertEqual(client.closed_by_node(), b"")
        self.assert_serves(self.shared)

    def test_oversized_frame(self):
        for size in (LARGEST + 1, 2**31 - 1):
            with self.subTest(size=size):
                self.check(struct.pack(">i", size), f"frame of {size} bytes, more than the {LARGEST}")

    def test_negative_frame(self):
        for size in (-1, -(2**31)):
            with self.subTest(size=size):
                self.check(struct.pack(">i", size), f"frame of {size} bytes")

    def test_empty_and_short_frames(self):
        for size in range(8):
            with self.subTest(size=size):
                self.check(frame(bytes(size)), "header")

    def test_http(self):
        for method in (b"GET", b"POST", b"DELETE"):
            self.check(method + b" / HTTP/1.1\r\nHost: localhost:9092\r\n\r\n", "this looks like HTTP")

    def test_tls(self):
        self.check(TLS_HELLO, "this looks like TLS")

    def test_announced_memory_is_not_taken(self):
        """A size is a promise: memory is for what comes, or two hundred liars would cost 20 GB."""
        self.shared.forget_peak()
        before = self.shared.resident()
        liars = [self.sent(struct.pack(">i", LARGEST) + bytes(100)) for _ in range(200)]
        self.assert_serves(self.shared)
        for liar in liars:
            self.assert_closed(self.shared, liar, STALLED)
        self.assert_grew_less(self.shared, before, 16 * MIB, "200 promises of 100 MiB")

    def test_large_request_stops_nobody(self):
        """More than queued.max.request.bytes, and its end comes late: others are served meanwhile, and it is answered."""
        node = self.node()
        raw = frame(header(API_VERSIONS, 0) + bytes(90 * MIB))
        client = self.client(node)
        client.send(raw[: 80 * MIB])
        self.assert_serves(node)
        client.send(raw[80 * MIB :])
        self.assertTrue(client.answer())

    def test_large_requests_take_turns(self):
        """Together more than there is room for: each is read to its end at some time."""
        node = self.node()
        raw = frame(header(API_VERSIONS, 0) + bytes(50 * MIB))
        clients = [self.client(node) for _ in range(6)]
        senders = [threading.Thread(target=client.send, args=(raw,)) for client in clients]
        for sender in senders:
            sender.start()
        self.assert_serves(node)
        for sender in senders:
            sender.join()
        for client in clients:
            self.assertTrue(client.answer())

    def test_half_requests_share_their_memory(self):
        """Forty clients stop in the middle of 8 MiB each: more than queued.max.request.bytes is not taken from them
        all, and they are closed."""
        self.shared.forget_peak()
        before = self.shared.resident()
        half = struct.pack(">i", 16 * MIB) + bytes(8 * MIB)
        clients = [self.client(self.shared) for _ in range(40)]
        for client in clients:
            client.socket.setblocking(False)
            self.send_what_goes(client, half)
        self.assert_grew_less(self.shared, before, 160 * MIB, "40 half requests of 8 MiB")
        for client in clients:
            client.socket.settimeout(60)
            self.assert_closed(self.shared, client, STALLED)
        self.assert_serves(self.shared)

    def send_what_goes(self, client, raw):
        """As much as the node and the sockets' buffers take at once."""
        rest = memoryview(raw)
        try:
            while rest:
                rest = rest[client.socket.send(rest) :]
        except BlockingIOError:
            pass
