"""The port for other nodes, visited by those who are none: a connection that is closed with one line, and a cluster
that goes on (P6, P7)."""

import random
import struct

from support.case import MIB, slow
from support.cluster_case import ClusterCase
from support.peer_wire import (
    BULK, BULK_PING, CONTROL, KINDS, MALFORMED, NODE_ID_TAKEN, OTHER_CLUSTER, OTHER_VERSIONS, OWN_NODE_ID, PING, PeerClient,
    hello, message,
)
from support.wire import API_VERSIONS, Closed, frame, header

NOT_A_NODE = "not a node of this kind"
LARGEST_HELLO = 4096
TLS_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(64)
# The largest messages between nodes: those that hold records are as large as a client's request may be.
LARGEST = {CONTROL: 1 << 20, BULK: 104_857_600 + (64 << 10)}
# More than may wait for their hello.
CROWD = 200


class Door(ClusterCase):
    def setUp(self):
        super().setUp()
        self.cluster()
        self.node_ = self.cluster_.nodes[1]
        self.make_topic()
        self.begin_streams()

    def tearDown(self):
        self.await_progress()
        self.end_streams()
        for node in self.cluster_:
            self.assertEqual(node.lines("peer down"), [], "the nodes were held up by strangers")

    def stranger(self):
        client = PeerClient(self.node_.peer_port)
        self.addCleanup(client.socket.close)
        client.log_length = len(self.node_.log())
        return client

    def told(self, client, pattern):
        """One line about that connection; it matches."""
        line = self.node_.await_line(rf"peer={client.peer}\b", client.log_length)
        self.assertRegex(line, pattern)
        self.assertEqual(len(self.node_.lines(rf"peer={client.peer}\b", client.log_length)), 1)

    def check(self, raw, reason):
        client = self.stranger()
        client.send(raw)
        self.assertEqual(client.closed_by_node(), b"")
        self.told(client, rf"warning peer connection closed node=\? peer={client.peer} reason=\".*{reason}.*\"")

    def test_garbage(self):
        for seed in range(20):
            with self.subTest(seed=seed):
                raw = random.Random(seed).randbytes(LARGEST_HELLO + 100)
                self.check(raw, NOT_A_NODE)

    def test_oversized(self):
        for size in (LARGEST_HELLO + 1, 2**31 - 1, 2**32 - 1):
            with self.subTest(size=size):
                self.check(struct.pack(">I", size), f"more than the {LARGEST_HELLO} of a hello: {NOT_A_NODE}")

    def test_a_client_of_kafka(self):
        """It says on whose port it is."""
        self.check(frame(header(API_VERSIONS, 3) + bytes(8)), NOT_A_NODE)

    def test_http_and_tls(self):
        self.check(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "this looks like HTTP")
        self.check(TLS_HELLO, "this looks like TLS")

    def test_short_frames(self):
        for size in range(2):
            with self.subTest(size=size):
                self.check(struct.pack(">I", size) + bytes(size), NOT_A_NODE)

    def test_another_message_first(self):
        for kind in KINDS:
            if kind != 1:
                with self.subTest(kind=kind):
                    self.check(message(kind, bytes(20)), NOT_A_NODE)

    def test_hellos_that_are_cut(self):
        whole = hello()
        for size in range(6, len(whole)):
            with self.subTest(size=size):
                self.check(struct.pack(">I", size - 4) + whole[4:size], NOT_A_NODE)

    def test_silence(self):
        """5 s for a hello, also where it comes byte by byte."""
        client = self.stranger()
        client.send(hello()[:10])
        self.assertEqual(client.closed_by_node(), b"")
        self.told(client, "no hello came in time")

    def refused(self, code, words, **lies):
        client = self.stranger()
        client.send(hello(**{"cluster": self.cluster_.metadata(self.node_).cluster, **lies}))
        answer = client.hello_answered()
        self.assertEqual((answer.refusal, answer.node), (code, 1), answer.words)
        self.assertRegex(answer.words, words)
        self.assertEqual(client.closed_by_node(), b"")
        self.told(client, f"warning peer refused peer={client.peer} reason=\".*{words}")

    def test_hellos_that_are_refused(self):
        """With the reason, there and here."""
        self.refused(OTHER_CLUSTER, "belongs to the cluster elsewhere", cluster="elsewhere")
        self.refused(OWN_NODE_ID, "two processes have node.id=1", node=1)
        self.refused(NODE_ID_TAKEN, "node.id=2 is taken by a process at", node=2)
        self.refused(OTHER_VERSIONS, "versions 7 to 9", versions=(7, 9))
        self.refused(MALFORMED, "names no node", host="")
        self.refused(MALFORMED, "names no node", port=0)
        self.refused(MALFORMED, "names no lane", lane=7)

    def let_in(self, **says):
        client = self.stranger()
        client.send(hello(**{"cluster": self.cluster_.metadata(self.node_).cluster, **says}))
        self.assertEqual(client.hello_answered().refusal, 0)
        return client

    def send_until_closed(self, client, raw, times=1):
        """As much as it takes."""
        try:
            for _ in range(times):
                client.send(raw)
        except (Closed, TimeoutError):
            pass

    def test_nonsense_after_a_hello(self):
        """Of each kind, of random bytes: it is closed, or passed over; no node ends for it."""
        for kind in [*KINDS, 0, 77, 255]:
            for seed in range(8):
                with self.subTest(kind=kind, seed=seed):
                    client = self.let_in(node=100 + kind, lane=BULK if kind in (4, 12, 14) else CONTROL)
                    self.send_until_closed(client, message(kind, random.Random(seed).randbytes(1 + 40 * seed)))
                    client.socket.close()
        self.assertTrue(self.node_.running())

    def test_oversized_after_a_hello(self):
        for lane, most in LARGEST.items():
            with self.subTest(lane=lane):
                client = self.let_in(node=90 + lane, lane=lane)
                client.send(struct.pack(">IBB", most + 1, PING if lane == CONTROL else BULK_PING, 0))
                self.assertEqual(client.closed_by_node(), b"")
                self.told(client, f"more than the {most} of a message between nodes")

    def test_announced_memory_is_not_taken(self):
        self.node_.forget_peak()
        before = self.node_.resident()
        liars = [self.let_in(node=1000 + i, lane=BULK) for i in range(100)]
        for liar in liars:
            liar.send(struct.pack(">IBB", LARGEST[BULK], BULK_PING, 0) + bytes(100))
        self.await_progress()
        self.assert_grew_less(self.node_, before, 32 * MIB, "100 promises of 100 MiB")

    @slow
    def test_a_crowd_that_says_nothing(self):
        """The oldest give way; a node that comes back is let in."""
        self.node_.forget_peak()
        before = self.node_.resident()
        crowd = [self.stranger() for _ in range(CROWD)]
        self.node_.await_line("connections have not said hello")
        self.assert_grew_less(self.node_, before, 32 * MIB, f"{CROWD} silent connections")
        self.assertEqual(crowd[0].closed_by_node(), b"")
        self.await_progress()


class WrongPorts(ClusterCase):
    def test_a_seed_that_is_a_port_for_clients(self):
        """It says what it has found there, and joins through the others."""
        cluster = self.cluster()
        new = cluster.add(seeds=f"127.0.0.1:{cluster.nodes[1].port},{cluster.seeds[1]}")
        cluster.start_again(new)
        new.await_line(f"peer not reached at=127.0.0.1:{cluster.nodes[1].port} ")
        cluster.await_brokers()

    def test_a_hello_on_the_port_for_clients(self):
        cluster = self.cluster()
        node = cluster.nodes[1]
        client = self.client(node)
        client.send(hello())
        self.assert_closed(node, client, "")
        self.assert_writes()
