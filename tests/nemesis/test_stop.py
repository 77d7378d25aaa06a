"""SIGTERM on bad days: a node ends whatever clients, groups and the disk do, and says so where it was not in order."""

import signal
import struct
import time

from support.batches import batch
from support.case import NemesisCase
from support.disk import Faults
from support.groups import DELETE_TOPICS, MEMBER_ID_REQUIRED, RETRY, GroupClient
from support.node import eventually
from support.wire import array, string

WITHOUT_ORDER = 1
FOREVER_MS = 120_000  # longer than the guard of wait()


class Stop(NemesisCase):
    def assert_ends_in_order(self, node):
        begun = time.monotonic()
        node.signal(signal.SIGTERM)
        self.assertEqual(node.wait(), 0, node.log()[-2000:])
        self.remark(f"{time.monotonic() - begun:.2f} s")
        self.assertEqual(len(node.lines("node stopped$")), 1)
        self.assertEqual(node.lines(" error "), [])

    def waiting_fetch(self, node, topic="t", version=4):
        """A client whose Fetch waits, known by the node to be waiting."""
        client = self.client(node)
        self.assertIn(client.create_topic(topic), (0, 36))
        self.await_leader(client, topic)
        client.send(client.fetch_request(topic, 0, wait_ms=FOREVER_MS))
        # The loop of a node with one network thread has handed the fetch on before it answers another client.
        with self.client(node) as other:
            other.list_offset(topic, -1)
        return client

    def test_while_fetches_wait(self):
        """They are answered with what there is: nothing."""
        node = self.node()
        clients = [self.waiting_fetch(node) for _ in range(20)]
        node.signal(signal.SIGTERM)
        for client in clients:
            answer = client.fetched(client.sent_)
            self.assertEqual((answer.error, answer.records), (0, b""))
        self.assertEqual(node.wait(), 0)
        self.assertEqual(len(node.lines("node stopped$")), 1)

    def test_while_members_wait_for_others(self):
        """A JoinGroup that waits is closed: its client looks for the group elsewhere."""
        node = self.node(options={"group.initial.rebalance.delay.ms": FOREVER_MS})
        client = GroupClient(node.port)
        self.addCleanup(client.socket.close)
        eventually("a coordinator", lambda: client.find_coordinator("waits") == 0)
        times = {"session_ms": FOREVER_MS, "rebalance_ms": FOREVER_MS}
        first = eventually("a member id", lambda: (answer := client.join("waits", **times)).error not in RETRY and answer)
        self.assertEqual(first.error, MEMBER_ID_REQUIRED)
        client.send_join("waits", member=first.member, **times)
        with self.client(node) as other:
            other.api_versions()
        self.assert_ends_in_order(node)

    def test_while_a_client_does_not_read_its_answers(self):
        node = self.node()
        writer = self.client(node)
        writer.create_topic("big")
        for _ in range(8):
            self.assertEqual(writer.produce("big", batch([bytes(900_000)])).error, 0)
        deaf = self.client(node, receive_buffer=4096)
        deaf.send(b"".join(deaf.fetch_request("big", 0) for _ in range(50)))
        deaf.receive(4)  # the answer has begun
        self.assert_ends_in_order(node)

    def hanging(self, **options):
        """A node whose disk hangs in a sync that a producer waits for."""
        self.faults = Faults(self.folder)
        node = self.node(prefix=self.faults.prefix, options=options)
        client = self.client(node)
        self.assertEqual(client.create_topic("hangs"), 0)
        self.assertEqual(client.produce("hangs", batch([b"before"])).error, 0)
        self.faults.hang("sync", "hangs-0")
        client.send_produce("hangs", {0: batch([b"never synced"])})
        self.faults.await_hang()
        return node

    def test_while_the_disk_hangs(self):
        """The bound is shutdown.timeout.ms; the next start recovers."""
        node = self.hanging(**{"shutdown.timeout.ms": 700})
        node.signal(signal.SIGTERM)
        self.assertEqual(node.wait(), WITHOUT_ORDER)
        self.assertEqual(len(node.lines('error node ends at once reason="it has not stopped in time ')), 1)
        self.assertEqual(node.lines("node stopped$"), [])
        self.restarted_and_whole(node)

    def test_a_second_signal_while_the_disk_hangs(self):
        node = self.hanging(**{"shutdown.timeout.ms": FOREVER_MS})
        node.signal(signal.SIGTERM)
        node.await_line("node stops signal=SIGTERM")
        node.signal(signal.SIGTERM)
        self.assertEqual(node.wait(), WITHOUT_ORDER)
        self.assertEqual(len(node.lines('error node ends at once reason="another signal while it stopped')), 1)
        self.restarted_and_whole(node)

    def restarted_and_whole(self, node):
        self.faults.clear()
        node.start()
        client = self.client(node)
        self.await_leader(client, "hangs")
        self.assertIn(b"before", client.fetch("hangs", 0).records)
        self.assert_serves(node)

    def test_while_it_starts(self):
        """A disk that hangs while logs are opened."""
        self.faults = Faults(self.folder)
        node = self.node(prefix=self.faults.prefix, options={"shutdown.timeout.ms": 700})
        client = self.client(node)
        client.create_topic("hangs")
        self.assertEqual(client.produce("hangs", batch([b"before"])).error, 0)
        node.kill()
        self.faults.hang("read", "hangs-0")
        node.start_process()
        self.faults.await_hang()
        node.signal(signal.SIGTERM)
        self.assertEqual(node.wait(), WITHOUT_ORDER)
        self.assertEqual(len(node.lines('error node ends at once reason="it has not stopped in time ')), 1)
        self.restarted_and_whole(node)


class Deletion(NemesisCase):
    def test_wakes_the_fetches_that_wait(self):
        """With UNKNOWN_TOPIC_OR_PARTITION, at once."""
        node = self.node()
        client = self.client(node)
        client.create_topic("goes")
        self.await_leader(client, "goes")
        client.send(client.fetch_request("goes", 0, wait_ms=FOREVER_MS))
        with self.client(node) as other:
            other.list_offset("goes", -1)
            answer = other.ask(DELETE_TOPICS, 1, array([string("goes")]) + struct.pack(">i", 30_000))
            answer.take("i")
            self.assertEqual(answer.array(lambda: (answer.string(), answer.take("h"))), [("goes", 0)])
        self.assertEqual(client.fetched(client.sent_).error, 3)
