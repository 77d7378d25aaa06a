"""One of three nodes that is alone: nothing is acknowledged, everything is answered, and all goes on with the others."""

from support.batches import batch
from support.cluster import NO_ANSWER
from support.cluster_case import TOPIC, ClusterCase
from support.node import eventually

ATTEMPTS = 5


class Minority(ClusterCase):
    def setUp(self):
        super().setUp()
        self.cluster()
        self.make_topic()
        self.begin_streams()

    def written(self, node, acks=-1):
        """The error code; None where no answer comes."""
        answer = self.cluster_.ask(node, lambda client: client.produce(TOPIC, batch([b"lost:0"]), acks=acks))
        return answer.error if answer else None

    def leave_alone(self, take, give_back):
        """`take` and `give_back` are for a node."""
        alone = self.cluster_.await_leader(TOPIC)
        others = [node for node in self.cluster_ if node is not alone]
        for stream in self.streams:
            stream.stop()
        acked = sum(len(stream.acked) for stream in self.streams)
        for node in others:
            take(node)
        for _ in range(ATTEMPTS):
            self.assertNotEqual(self.written(alone), 0, "acknowledged by one of three")
        metadata = self.cluster_.metadata(alone, TOPIC)
        self.assertEqual(set(metadata.topics[TOPIC]), {0, 1, 2}, "metadata is answered")
        self.assertEqual(self.cluster_.ask(alone, lambda client: bool(client.api_versions())), True)
        self.assertTrue(alone.running())
        for node in others:
            give_back(node)
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync(TOPIC)
        self.remark(f"{acked} acknowledged before")

    def assert_all_goes_on(self):
        """What was acknowledged is there; what was not may be."""
        for partition, stream in enumerate(self.streams):
            stored = self.stored(TOPIC, partition)
            for number, offset in stream.acked.items():
                self.assertEqual(stored[offset], b"%d:" % number + stored[offset].partition(b":")[2])
        leader = self.cluster_.await_leader(TOPIC)
        eventually("a record is taken", lambda: self.written(leader) == 0)
        for watcher in self.watchers:
            self.assertIsNone(watcher.fault)

    def test_two_of_three_killed(self):
        self.leave_alone(self.cluster_.kill, self.cluster_.start_again)
        self.assert_all_goes_on()

    def test_two_of_three_stand_still(self):
        self.leave_alone(self.cluster_.pause, self.cluster_.go_on)
        self.assert_all_goes_on()

    def test_topics_cannot_be_made(self):
        """A change of the metadata needs a majority, too: the client is told, and what it was told of a success is so."""
        alone = self.cluster_.await_leader(TOPIC)
        others = [node for node in self.cluster_ if node is not alone]
        for stream in self.streams:
            stream.stop()
        self.cluster_.kill(*others)
        try:
            with self.cluster_.client(alone, patience=5) as client:
                self.assertNotEqual(client.create_topic("never", replicas=3), 0)
        except NO_ANSWER:
            pass
        for node in others:
            self.cluster_.start_again(node)
        self.cluster_.await_brokers()
        self.make_topic("after", partitions=1)
