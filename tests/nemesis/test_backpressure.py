"""Clients that ask and do not read: bounded memory, nobody else waits, closed at last (P7)."""

import socket
import struct

from support.batches import batch
from support.case import MIB, NemesisCase, slow
from support.node import FREES_AT_ONCE
from support.wire import API_VERSIONS, FETCH, Closed, array, frame, header, string

UNREAD = "the client does not read its answers"


class Backpressure(NemesisCase):
    def filled(self, node, topic, megabytes):
        """A topic of 1 MiB batches; the same bytes each time, checksums are slow here."""
        client = self.client(node)
        self.assertEqual(client.create_topic(topic, max_message_bytes=2 * MIB), 0)
        large = batch([bytes(1000_000)])
        for _ in range(megabytes):
            self.assertEqual(client.produce(topic, large).error, 0)
        return client

    def send_until_it_stops(self, client, requests):
        """Sends until the node takes no more; returns the number of requests that went out whole or in part."""
        client.socket.settimeout(1)
        for count, request in enumerate(requests):
            try:
                client.socket.sendall(request)
            except TimeoutError:
                return count
            except (ConnectionResetError, BrokenPipeError):
                return count
        return count + 1

    def check_never_reads(self, max_bytes):
        options = {"connection.drain.timeout.ms": 3000, "log.flush": "lazy"}
        node = self.node(options=options, prefix=FREES_AT_ONCE)
        other = self.filled(node, "big", 12)
        node.forget_peak()
        before = node.resident()
        client = self.client(node, receive_buffer=4096)
        wanted = (client.fetch_request("big", 0, max_bytes=max_bytes) for _ in range(20_000))
        self.send_until_it_stops(client, wanted)
        self.assertEqual(other.produce("big", batch([b"meanwhile"])).error, 0)
        self.assert_told(node, client, UNREAD)
        self.assert_grew_less(node, before, 48 * MIB, "memory")
        self.assert_serves(node)

    def test_fetch_of_files_never_read(self):
        self.check_never_reads(50 * MIB)

    def test_fetch_from_memory_never_read(self):
        node = self.node(options={"connection.drain.timeout.ms": 3000})
        client = self.client(node)
        self.assertEqual(client.create_topic("small"), 0)
        self.assertEqual(client.produce("small", batch([bytes(40_000)])).error, 0)
        node.forget_peak()
        before = node.resident()
        deaf = self.client(node, receive_buffer=4096)
        wanted = (deaf.fetch_request("small", 0) for _ in range(20_000))
        self.send_until_it_stops(deaf, wanted)
        self.assert_serves(node)
        self.assert_told(node, deaf, UNREAD)
        self.assert_grew_less(node, before, 48 * MIB, "memory")

    @slow
    def test_many_that_never_read(self):
        """Each costs what waits for it unread (4 MiB) and the answers to what was in flight by then, here 64 requests
        (queued.max.requests) of 40 kB."""
        node = self.node(options={"connection.drain.timeout.ms": 3000, "queued.max.requests": 64})
        client = self.client(node)
        self.assertEqual(client.create_topic("small"), 0)
        self.assertEqual(client.produce("small", batch([bytes(40_000)])).error, 0)
        node.forget_peak()
        before = node.resident()
        deaf = [self.client(node, receive_buffer=4096) for _ in range(30)]
        for one in deaf:
            one.socket.setblocking(False)
            requests = b"".join(one.fetch_request("small", 0) for _ in range(2000))
            one.socket.send(requests)
        self.assert_serves(node)
        for one in deaf:
            self.assert_told(node, one, UNREAD)
        self.assert_grew_less(node, before, len(deaf) * 12 * MIB, f"memory for {len(deaf)}")

    def test_many_partitions_never_read(self):
        """Small answers of many partitions are memory together: of a request, and of all requests of all clients."""
        node = self.node(options={"connection.drain.timeout.ms": 3000, "log.flush": "lazy"})
        client = self.client(node)
        partitions = 300
        self.assertEqual(client.create_topic("wide", partitions), 0)
        self.await_leader(client, "wide", partitions - 1)
        small = batch([bytes(60_000)])
        for first in range(0, partitions, 50):
            client.produced(client.send_produce("wide", dict.fromkeys(range(first, first + 50), small)))
        places = array([struct.pack(">iqi", i, 0, MIB) for i in range(partitions)])
        all_of_them = struct.pack(">iiiib", -1, 0, 1, 100 * MIB, 0) + array([string("wide") + places])
        node.forget_peak()
        before = node.resident()
        deaf = [self.client(node, receive_buffer=4096) for _ in range(10)]
        for one in deaf:
            one.socket.sendall(b"".join(frame(header(FETCH, 4, i) + all_of_them) for i in range(60)))
        self.assert_serves(node)
        for one in deaf:
            self.assert_told(node, one, UNREAD)
        self.assert_grew_less(node, before, 64 * MIB, f"memory for {len(deaf)}")

    def test_pipelining_without_reading(self):
        """Thousands of requests at once: all are answered, in order, as soon as the client reads."""
        node = self.node()
        client = self.client(node)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MIB)
        count = 20_000
        node.forget_peak()
        before = node.resident()
        raw = memoryview(b"".join(frame(header(API_VERSIONS, 0, i)) for i in range(count)))
        client.socket.setblocking(False)
        answered, received = 0, bytearray()
        while answered < count:
            try:
                raw = raw[client.socket.send(raw) :] if raw else raw
                if raw:
                    continue
            except BlockingIOError:
                pass
            client.socket.setblocking(True)
            received += client.socket.recv(MIB)
            client.socket.setblocking(False)
            answered = self.take_answers(received, answered)
        self.assertEqual(answered, count)
        self.assert_grew_less(node, before, 64 * MIB, "memory")

    def take_answers(self, received, answered):
        """Takes whole answers off the front; each has to carry the next number."""
        at = 0
        while len(received) - at >= 8:
            size, correlation = struct.unpack_from(">ii", received, at)
            if len(received) - at < 4 + size:
                break
            self.assertEqual(correlation, answered)
            answered += 1
            at += 4 + size
        del received[:at]
        return answered

    def test_pipelined_produce_without_reading(self):
        """What was sent is written in the order of sending, whether or not somebody reads the answers."""
        node = self.node()
        client = self.client(node)
        self.assertEqual(client.create_topic("pipe"), 0)
        numbered = [batch([b"%d" % i]) for i in range(2000)]
        sent = [client.send_produce("pipe", {0: b}) for b in numbered]
        offsets = [client.produced(s)[0].offset for s in sent]
        self.assertEqual(offsets, list(range(2000)))

    def test_client_leaves_in_the_middle(self):
        """Ends with answers under way and requests unread: no trace but a client that is gone."""
        node = self.node()
        for _ in range(50):
            client = self.client(node)
            for _ in range(100):
                client.send(client.fetch_request("none", 0, wait_ms=10_000))
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.close()
        self.assert_serves(node)
        self.assertEqual(node.lines(" (error|warning) "), [])

    def test_silent_client_is_closed_when_idle(self):
        node = self.node(options={"connections.max.idle.ms": 3000})
        used, silent = self.client(node), self.client(node)
        used.api_versions()
        for client in (used, silent):
            self.assertEqual(client.closed_by_node(), b"")
        self.assertRaises(Closed, lambda: (used.api_versions(), used.api_versions()))
        self.assert_serves(node)

    def test_used_connection_comes_to_rest(self):
        """While everybody waits the node does nothing: two seconds of waiting, less than a fifth of one at work. It
        is the node's own processor time: others on the machine do not count."""
        node = self.node()
        client, used = self.client(node), self.client(node)
        self.assertEqual(client.create_topic("quiet"), 0)
        self.assertEqual(used.fetch("quiet", 0).error, 0)
        before = node.processor_seconds()
        self.assertEqual(client.fetch("quiet", 0, wait_ms=2000).records, b"")
        self.assertLess(node.processor_seconds() - before, 0.2)
