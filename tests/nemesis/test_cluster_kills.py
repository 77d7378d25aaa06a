"""Nodes of a cluster that are killed, stopped, emptied and made to stand still while records flow: what was
acknowledged is on all of them, in order, once at its offset, and whoever has read a record finds it again."""

import random

from support.case import slow
from support.cluster_case import PARTITIONS, TOPIC, ClusterCase
from support.node import eventually

ROUNDS = 8


class Flow(ClusterCase):
    """Streams and readers, and a round of harm that is repeated."""

    def setUp(self):
        super().setUp()
        self.cluster(options={"log.segment.bytes": 400_000})
        self.make_topic()
        self.begin_streams()

    def leader(self, partition=0):
        return self.cluster_.await_leader(TOPIC, partition)

    def whole(self):
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync(TOPIC)
        self.await_progress()


class Kills(Flow):
    def kill_leaders(self, rounds):
        for number in range(rounds):
            victim = self.leader(number % PARTITIONS)
            self.cluster_.kill(victim)
            self.await_progress()
            self.cluster_.start_again(victim)
            self.whole()
        self.end_streams()

    def test_leader_killed(self):
        self.kill_leaders(2)

    @slow
    def test_leader_killed_again_and_again(self):
        self.kill_leaders(ROUNDS)

    def test_its_successor_killed_as_well(self):
        """Two of three are gone then; both come back."""
        first = self.leader()
        self.cluster_.kill(first)
        second = self.cluster_.await_leader(TOPIC, not_=(first,))
        self.cluster_.kill(second)
        self.cluster_.start_again(second)
        self.await_progress()
        self.cluster_.start_again(first)
        self.whole()
        self.end_streams()

    def test_all_killed_at_once(self):
        for _ in range(2):
            self.cluster_.kill(*self.cluster_)
            self.cluster_.start()
            self.whole()
        self.end_streams()

    @slow
    def test_any_killed_at_any_time(self):
        """Nobody waits until a node is back before the next one goes, so that majorities come and go."""
        chance = random.Random(1)
        for _ in range(3 * ROUNDS):
            victim = chance.choice(list(self.cluster_))
            if victim in self.cluster_.silent:
                self.cluster_.start_again(victim)
            else:
                self.cluster_.kill(victim)
            chance.choice(self.streams).stopping_.wait(chance.random())
        for node in list(self.cluster_.silent):
            self.cluster_.start_again(node)
        self.whole()
        self.end_streams()


class Standstill(Flow):
    def stand_still(self, rounds):
        """A leader that does not know that it is none any more takes records, and acknowledges none of them."""
        for number in range(rounds):
            victim = self.leader(number % PARTITIONS)
            self.cluster_.pause(victim)
            self.cluster_.await_leader(TOPIC, number % PARTITIONS, not_=(victim,))
            self.await_progress()
            self.cluster_.go_on(victim)
            self.whole()
        self.end_streams()

    def test_leader_stopped_and_continued(self):
        self.stand_still(2)

    @slow
    def test_leader_stopped_and_continued_again_and_again(self):
        self.stand_still(ROUNDS)

    def test_for_a_moment(self):
        """Shorter than anybody gives it up for."""
        for _ in range(10):
            victim = self.leader()
            self.cluster_.pause(victim)
            self.cluster_.go_on(victim)
        self.whole()
        self.end_streams()

    def test_all_stopped_and_continued(self):
        nodes = list(self.cluster_)
        for node in nodes:
            self.cluster_.pause(node)
        for node in nodes:
            self.cluster_.go_on(node)
        self.whole()
        self.end_streams()


class Restarts(Flow):
    def test_each_in_turn(self):
        """SIGTERM, as for a new version: each ends with code 0 and comes back."""
        for node in list(self.cluster_):
            self.assertEqual(self.cluster_.terminate(node), 0, node.log()[-2000:])
            self.await_progress()
            self.cluster_.start_again(node)
            self.whole()
        self.end_streams()
        for node in self.cluster_:
            self.assertEqual(node.lines(" error "), [])

    def test_all_at_once(self):
        """Each ends with code 0, also the last, who has nobody left."""
        for node in list(self.cluster_):
            self.assertEqual(self.cluster_.terminate(node), 0, node.log()[-2000:])
        self.cluster_.start()
        self.whole()
        self.end_streams()


class Emptied(Flow):
    """A disk that was replaced. What the node had said before it does not know any more, and must not count."""

    def whole_again(self, node):
        self.whole()
        for partition in range(PARTITIONS):
            eventually("its copy", lambda p=partition: node.segments(TOPIC, p))

    def test_leader_emptied(self):
        victim = self.leader()
        self.cluster_.empty(victim)
        self.whole_again(victim)
        self.end_streams()

    def test_each_in_turn(self):
        """In the end no node has the disk that the first records were written to."""
        for node in list(self.cluster_):
            self.cluster_.empty(node)
            self.whole_again(node)
        self.end_streams()

    def test_does_not_vote_for_a_loss(self):
        """An emptied node and one that lacks the last records are no majority that may go on without them: the only
        one that has them is waited for."""
        leader = self.leader()
        others = [node for node in self.cluster_ if node is not leader]
        late, emptied = others
        self.cluster_.kill(late)
        self.await_progress()
        self.cluster_.kill(leader)
        self.cluster_.empty(emptied)
        self.cluster_.start_again(late)
        self.cluster_.await_brokers(others)
        self.cluster_.start_again(leader)
        self.whole()
        self.end_streams()
