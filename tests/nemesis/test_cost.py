"""What a request costs is bounded by its size and what it returns (P6), also when its client leaves. Judged is the node's
own processor time, beside a request of the same size that asks for as little as its bytes can."""

import struct
import time
import zlib

from support.batches import GZIP, batch, record, varint
from support.case import NemesisCase
from support.equal_hashes import equal_hashes
from support.node import eventually
from support.wire import FETCH, LIST_OFFSETS, METADATA, PRODUCE, array, data, frame, header, string

DESCRIBE_CONFIGS = 32

MIB = 1 << 20
SIZE = 640_000  # bytes of a request
# Quadratic work over as many entries as fit into that is more than a thousand times as much as what is linear.
MOST_TIMES = 25
LEAST_SECONDS = 0.02  # below that a comparison says nothing


def entries(one):
    """So many of them fill a request."""
    return struct.pack(">i", SIZE // len(one)) + one * (SIZE // len(one))


def fetch(topic, max_bytes, place):
    return FETCH, 4, struct.pack(">iiiib", -1, 0, 1, max_bytes, 0) + array([string(topic) + entries(place)])


def list_offsets(topic, place):
    return LIST_OFFSETS, 1, struct.pack(">i", -1) + array([string(topic) + entries(place)])


def produce(topic, one):
    """The same batch for each of four partitions."""
    places = array([struct.pack(">i", i) + data(one) for i in range(4)])
    return PRODUCE, 8, string(None) + struct.pack(">hi", -1, 60_000) + array([string(topic) + places])


def liars():
    """Records that all say that they are the first one."""
    one = record(0, None, key=None)
    count = 60 * MIB // len(one)
    return batch([], block=zlib.compress(one * count, 9, 31), count=count, last_delta=count - 1, attributes=GZIP)


def zeros(size):
    """One record, which a topic with another codec wants compressed anew."""
    head = b"\0\0\0" + varint(1) + b"k" + varint(size)
    whole = varint(len(head) + size + 1) + head + bytes(size) + b"\0"
    return batch([], block=zlib.compress(whole, 9, 31), count=1, last_delta=0, attributes=GZIP)


def describe_configs(names):
    resource = b"\2" + string("empty") + array([struct.pack(">h", len(name)) + name for name in names])
    return DESCRIBE_CONFIGS, 1, array([resource]) + b"\0"


# The same partition, empty, again and again; a lot in a little; names that a table without a secret would put together.
COSTLY = {
    "fetch, one byte at a time": fetch("empty", 1, struct.pack(">iqi", 0, 0, 1)),
    "fetch, nothing of each": fetch("empty", 1 << 20, struct.pack(">iqi", 0, 0, 0)),
    "fetch, topic again and again": (
        FETCH,
        4,
        struct.pack(">iiiib", -1, 0, 1, 1, 0) + entries(string("empty") + array([struct.pack(">iqi", 0, 0, 1)])),
    ),
    "list offsets by time": list_offsets("empty", struct.pack(">iq", 0, 1)),
    "metadata": (METADATA, 1, entries(string("empty"))),
    "produce without records": (
        PRODUCE,
        8,
        string(None) + struct.pack(">hi", 1, 0) + array([string("empty") + entries(struct.pack(">i", 0) + data(None))]),
    ),
    "produce, wrong offsets": produce("four", liars()),
    "produce, too much for another codec": produce("zstd", zeros(60 * MIB)),
    "describe configs": describe_configs(equal_hashes(SIZE // 18)),
}


class Cost(NemesisCase):
    def setUp(self):
        super().setUp()
        self.node_ = self.node(options={"auto.create.topics.enable": "false"})
        with self.client(self.node_) as client:
            client.create_topic("empty")
            client.create_topic("four", 4)
            client.create_topic("zstd", 4, compression_type="zstd")
            for topic, last in (("empty", 0), ("four", 3), ("zstd", 3)):
                self.await_leader(client, topic, last)

    def seconds_of(self, ask):
        before = self.node_.processor_seconds()
        ask()
        return self.node_.processor_seconds() - before

    def answered(self, request):
        key, version, body = request
        with self.client(self.node_) as client:
            client.ask(key, version, body)

    def left(self, request):
        """Its client goes as soon as all has been sent. The node is done with it when it has come to rest."""
        key, version, body = request
        client = self.client(self.node_)
        client.send(frame(header(key, version, 1) + body))
        client.socket.close()
        self.at_rest()

    def at_rest(self):
        def rests():
            before = self.node_.processor_seconds()
            time.sleep(0.1)
            return self.node_.processor_seconds() - before <= 0.01

        eventually("a node at rest", rests)

    def harmless(self):
        """As many bytes of a request that name partitions nobody has."""
        return fetch("nobody", 1 << 20, struct.pack(">iqi", 0, 0, 1))

    def assert_costs_little(self, name, seconds, beside):
        self.remark(f"{name}: {seconds:.2f} s beside {beside:.2f} s")
        self.assertLess(seconds, MOST_TIMES * max(beside, LEAST_SECONDS), name)

    def test_requests_that_say_the_same_again_and_again(self):
        beside = self.seconds_of(lambda: self.answered(self.harmless()))
        for name, request in COSTLY.items():
            with self.subTest(name):
                self.assert_costs_little(name, self.seconds_of(lambda r=request: self.answered(r)), beside)
        self.assert_serves(self.node_)

    def test_requests_whose_client_leaves(self):
        beside = self.seconds_of(lambda: self.left(self.harmless()))
        for name, request in COSTLY.items():
            with self.subTest(name):
                self.assert_costs_little(name, self.seconds_of(lambda r=request: self.left(r)), beside)
        self.assert_serves(self.node_)

    def test_waits_of_clients_that_have_left(self):
        """They end with the connection, long before their time, and also where the client had more to say."""
        node = self.node(options={"connection.drain.timeout.ms": 400, "log.level": "debug"})
        with self.client(node) as client:
            client.create_topic("empty")
            self.await_leader(client, "empty")
        peers = []
        for more in (False, True) * 10:
            client = self.client(node)
            client.send(client.fetch_request("empty", 0, wait_ms=100_000) * (1 + more))
            peers.append(client.peer)
            client.socket.close()
        for peer in peers:
            node.await_line(f"connection closed peer={peer} ")
