"""Connections between nodes that stand still or break while records flow. Clients reach every node all the time, also
one that is parted from the others: it acknowledges nothing that would not last, and all goes on with the majority."""

import random

from support.case import slow
from support.cluster_case import TOPIC, ClusterCase
from support.links import Links
from support.node import eventually

ROUNDS = 12
BREAKS = 10


class Parted(ClusterCase):
    def setUp(self):
        super().setUp()
        self.links = Links()
        self.addCleanup(self.links.close)
        self.cluster(way_to=self.links.way_to)
        self.make_topic()
        self.begin_streams()
        self.leader = self.cluster_.await_leader(TOPIC)
        self.others = [node for node in self.cluster_ if node is not self.leader]

    def to(self, node):
        return [(other.id, node.id) for other in self.cluster_ if other is not node]

    def from_(self, node):
        return [(node.id, other.id) for other in self.cluster_ if other is not node]

    def heal(self):
        self.links.open()
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync(TOPIC)
        self.await_progress()
        self.end_streams()

    def another_leads(self):
        """As clients find it, who ask all nodes."""
        self.cluster_.await_leader(TOPIC, not_=(self.leader,))
        self.await_progress()

    def test_a_leader_from_all_others(self):
        self.links.hold(*self.to(self.leader), *self.from_(self.leader))
        self.another_leads()
        self.heal()

    def test_a_leader_that_is_heard_and_hears_nobody(self):
        """Its heartbeats must not keep the others from having a leader that can commit."""
        self.links.hold(*self.to(self.leader))
        self.another_leads()
        self.heal()

    def test_a_leader_that_hears_and_is_not_heard(self):
        self.links.hold(*self.from_(self.leader))
        self.another_leads()
        self.heal()

    def test_a_follower_from_all_others(self):
        """And when it comes back it does not disturb who leads."""
        follower = self.others[0]
        self.links.hold(*self.to(follower), *self.from_(follower))
        self.await_progress()
        epoch = self.epoch()
        self.links.open()
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync(TOPIC)
        self.await_progress()
        self.assertEqual(self.epoch(), epoch)
        self.end_streams()

    def epoch(self):
        return self.cluster_.metadata(self.leader, TOPIC).partition(TOPIC, 0).epoch

    def test_two_that_do_not_reach_each_other(self):
        """A ring that is open: the third one reaches both. Whoever leads, records are taken."""
        for pair in ((self.leader, self.others[0]), tuple(self.others)):
            first, second = (node.id for node in pair)
            self.links.hold((first, second), (second, first))
            self.await_progress()
            self.await_progress()
            self.links.open()
        self.heal()

    def test_all_from_all(self):
        """Nobody acknowledges anything meanwhile, and all goes on."""
        self.links.hold(*(pair for node in self.cluster_ for pair in self.to(node)))
        eventually("nobody leads any more", lambda: all(self.leads_none(node) for node in self.cluster_))
        before = [len(stream.acked) for stream in self.streams]
        for node in self.cluster_:
            self.assertTrue(self.leads_none(node))
        self.assertEqual([len(stream.acked) for stream in self.streams], before)
        self.heal()

    def leads_none(self, node):
        metadata = self.cluster_.metadata(node, TOPIC)
        return metadata and all(p.leader != node.id for p in metadata.topics[TOPIC].values())

    def test_connections_that_break(self):
        """As on a bad network: they are dialled again at once."""
        chance = random.Random(1)
        for _ in range(BREAKS):
            self.links.break_(*chance.sample([1, 2, 3], 2))
            self.await_progress()
        self.heal()

    @slow
    def test_anything_at_any_time(self):
        chance = random.Random(2)
        pairs = [pair for node in self.cluster_ for pair in self.to(node)]
        for _ in range(ROUNDS):
            self.links.hold(*chance.sample(pairs, chance.randrange(1, len(pairs))))
            self.links.break_(*chance.choice(pairs))
            self.streams[0].stopping_.wait(2 * chance.random())
            self.links.open(*chance.sample(pairs, chance.randrange(1, len(pairs))))
        self.heal()
