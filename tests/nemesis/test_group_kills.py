"""kill -9 of a node whose groups are in the middle of something, and members whose processes stand still: nobody owns
what another one owns, and what was committed stays."""

import multiprocessing
import os
import random
import signal
import time

from support.case import NemesisCase, slow
from support.group_case import OPTIONS, GroupSteps
from support.groups import ILLEGAL_GENERATION, REBALANCING, UNKNOWN_MEMBER, GroupClient
from support.members import ConsumerMember, Member
from support.node import eventually

GROUP, TOPIC = "group", "log"
PARTITIONS = 4
KILLS = 20
# Of waits that outlast every guard: a node that waited for them would be found out.
FOREVER = {"session_ms": 120_000, "rebalance_ms": 120_000}
# Of the member that stands still; until then several of its requests have to be answered within it.
SESSION_MS = 3_000


class Kills(NemesisCase, GroupSteps):
    def setUp(self):
        super().setUp()
        self.node_ = self.node(options=OPTIONS)
        self.assertEqual(self.client(self.node_).create_topic(TOPIC, partitions=PARTITIONS), 0)
        self.await_coordinator(self.node_, GROUP)

    def classic(self, **options):
        return self.member(self.node_, GROUP, **options)

    def kill_and_start(self, *members):
        """The members connect again; returns a client beside them."""
        self.node_.kill()
        self.node_.start()
        for m in members:
            m.client = self.group_client(self.node_)
        return self.await_coordinator(self.node_, GROUP)

    def await_state(self, client, state):
        eventually(f"the group {state}", lambda: client.state_of(GROUP)[0] == state)

    def join_all(self, client, newcomer, *members):
        """A new one makes the others join again, whatever they know of the group; all come to the same generation."""
        newcomer.begin_join()
        self.await_state(client, "PreparingRebalance")
        for m in members:
            m.begin_join()
        self.assertEqual([m.joined() for m in (newcomer, *members)], [0] * (len(members) + 1))
        self.assertEqual(len({m.generation for m in (newcomer, *members)}), 1)
        self.share_out(newcomer, *members)

    def test_while_members_join(self):
        """The group is as it was before the rebalance: that was never written."""
        first, second = self.formed(self.classic(), self.classic())
        self.commit_well(first, TOPIC, {0: 5})
        third = self.classic()
        third.begin_join()
        self.await_state(self.group_client(self.node_), "PreparingRebalance")
        second.begin_join()
        client = self.kill_and_start(first, second, third)
        self.assert_committed(client, GROUP, TOPIC, {0: 5})
        self.assertEqual([first.heartbeat(), second.heartbeat()], [0, 0])
        self.assertEqual(second.sync(), (0, b"some"))
        self.commit_well(second, TOPIC, {1: 6})
        self.assertEqual(third.join(), UNKNOWN_MEMBER)
        self.join_all(client, self.classic(), first, second)
        self.assert_committed(client, GROUP, TOPIC, {0: 5, 1: 6})

    def test_between_join_and_sync(self):
        """What all were told was written before: nobody is a stranger, they are asked to meet again."""
        first, second = self.formed(self.classic(), self.classic())
        self.commit_well(first, TOPIC, {0: 5})
        third = self.classic()
        self.form(first, second, third)
        client = self.kill_and_start(first, second, third)
        self.assertEqual([m.heartbeat() for m in (first, second, third)], [REBALANCING] * 3)
        self.assert_committed(client, GROUP, TOPIC, {0: 5})
        self.join_all(client, first, second, third)
        self.commit_well(first, TOPIC, {0: 6})
        self.assert_committed(client, GROUP, TOPIC, {0: 6})

    def test_while_partitions_change_hands(self):
        """KIP-848: the first member is to give up what the second one waits for."""
        first, second = (self.consumer(self.node_, GROUP) for _ in range(2))
        self.assertEqual(first.join([TOPIC]), 0)
        self.commit_well(first, TOPIC, {0: 5})
        self.assertEqual(second.join([TOPIC]), 0)
        had = {p for partitions in first.owned.values() for p in partitions}
        self.assertEqual(len(had), PARTITIONS)
        # The node tells it to give up two, and dies; it has not said that it did.
        first.send_heartbeat()
        answer = first.client.consumer_heartbeaten()
        self.assertEqual(sum(len(p) for p in answer.assigned.values()), PARTITIONS // 2)
        client = self.kill_and_start(first, second)
        self.assert_committed(client, GROUP, TOPIC, {0: 5})
        self.assertEqual(second.say_all([TOPIC]), 0)
        self.assertEqual(second.owned, {}, "the first one has not given up anything yet")
        self.assertEqual(first.say_all([TOPIC]), 0)
        self.assertEqual(self.assert_disjoint(first, second), PARTITIONS // 2)
        self.share(PARTITIONS, first, second)
        self.commit_well(second, TOPIC, {0: 6})
        self.assert_committed(client, GROUP, TOPIC, {0: 6})

    def test_a_member_dies_with_it(self):
        """KIP-848: what the group sets for its session outlives the node, and ends that member's."""
        self.shorten_session(self.node_, GROUP)
        first, dead = (self.consumer(self.node_, GROUP) for _ in range(2))
        self.assertEqual([first.join([TOPIC]), dead.join([TOPIC])], [0, 0])
        self.share(PARTITIONS, first, dead)
        self.kill_and_start(first)
        self.share(PARTITIONS, first)

    def test_terminated_while_members_wait(self):
        """A join and a sync that nobody answers any more keep nobody waiting."""
        first, second = self.formed(self.classic(**FOREVER), self.classic(**FOREVER))
        self.commit_well(first, TOPIC, {0: 5})
        self.form(first, second, self.classic(**FOREVER))
        (second if first.leads else first).begin_sync()
        lonely = self.member(self.node_, "another", **FOREVER)
        waiting = self.member(self.node_, "another", **FOREVER)
        self.formed(lonely)
        waiting.begin_join()
        client = self.group_client(self.node_)
        eventually("a rebalance", lambda: client.state_of("another")[0] == "PreparingRebalance")
        begun = time.monotonic()
        self.assertEqual(self.node_.stop(), 0)
        self.remark(f"ended after {time.monotonic() - begun:.2f} s")
        self.node_.start()
        self.assert_committed(self.await_coordinator(self.node_, GROUP), GROUP, TOPIC, {0: 5})

    def kill_again_and_again(self, kills):
        """At any step of a rebalance; each time a member has committed a bit more."""
        chance = random.Random(kills)
        client = self.group_client(self.node_)
        for number in range(1, kills + 1):
            member, = self.formed(self.classic())
            for partition in range(chance.randrange(1, PARTITIONS + 1)):
                self.commit_well(member, TOPIC, {partition: number})
            last = {p: client.fetch_committed(GROUP, TOPIC, (p,))[1][p][0] for p in range(PARTITIONS)}
            other = self.classic()
            self.rebalance_partly(member, other, chance.randrange(4))
            client = self.kill_and_start(member, other)
            self.assert_committed(client, GROUP, TOPIC, last)
            self.assertEqual(member.leave(), (0, 0))
            # Known only where the rebalance was written; else the next round would wait for it.
            self.assertIn(other.leave(), ((0, 0), (0, UNKNOWN_MEMBER)))
            self.assert_committed(client, GROUP, TOPIC, last)
        self.assertEqual(self.node_.lines(" error "), [])

    def rebalance_partly(self, member, other, steps):
        if steps > 0:
            other.begin_join()
            self.await_state(self.group_client(self.node_), "PreparingRebalance")
        if steps > 1:
            member.begin_join()
            self.assertEqual([member.joined(), other.joined()], [0, 0])
        if steps > 2:
            (member if member.leads else other).begin_sync()

    def test_kill_three_times(self):
        self.kill_again_and_again(3)

    @slow
    def test_kill_again_and_again(self):
        self.kill_again_and_again(KILLS)


def stand_in_line(member, says):
    """A member in a process of its own: heartbeats until it is told to commit, then the code it gets for that."""
    says.send(member.commit(TOPIC, {0: 5})[0])
    while not says.poll(0.02):
        member.heartbeat()
    says.send(member.commit(TOPIC, {0: says.recv()})[0])


def classic_in_line(port, says):
    member = Member(GroupClient(port), GROUP, session_ms=SESSION_MS)
    member.join()
    member.sync({member.id: b"all"})
    stand_in_line(member, says)


def consumer_in_line(port, says):
    member = ConsumerMember(GroupClient(port), GROUP)
    member.join([TOPIC])
    stand_in_line(member, says)


class StandstillCase(NemesisCase, GroupSteps):
    """A member's process is stopped for longer than its session (a laptop's lid, a long collection of garbage)."""

    def stop_member(self, in_line):
        self.says_, theirs = multiprocessing.Pipe()
        fork = multiprocessing.get_context("fork")
        self.process_ = fork.Process(target=in_line, args=(self.node_.port, theirs))
        self.process_.start()
        self.addCleanup(self.end_process)
        self.assertEqual(self.says_.recv(), 0)
        os.kill(self.process_.pid, signal.SIGSTOP)

    def setUp(self):
        super().setUp()
        self.node_ = self.node(options=OPTIONS)
        self.client_ = self.await_coordinator(self.node_, GROUP)
        self.assertEqual(self.client_.create_topic(TOPIC), 0)

    def end_process(self):
        self.process_.kill()
        self.process_.join()

    def continue_and_commit(self, offset):
        """The code that the member gets."""
        self.says_.send(offset)
        os.kill(self.process_.pid, signal.SIGCONT)
        return self.says_.recv()


class Standstill(StandstillCase):
    """Of a classic member."""

    def setUp(self):
        super().setUp()
        self.stop_member(classic_in_line)

    def test_group_is_empty_meanwhile(self):
        eventually("the member given up", lambda: self.client_.state_of(GROUP) == ("Empty", 0))
        self.assert_committed(self.client_, GROUP, TOPIC, {0: 5})
        self.assertEqual(self.continue_and_commit(3), UNKNOWN_MEMBER)
        self.assert_committed(self.client_, GROUP, TOPIC, {0: 5})

    def test_another_one_has_taken_over(self):
        other = self.member(self.node_, GROUP)
        self.assertEqual(other.join(), 0)
        self.assertEqual(list(other.others), [other.id], "the join waited until the member was given up")
        self.assertEqual(other.sync({other.id: b"all"}), (0, b"all"))
        self.commit_well(other, TOPIC, {0: 6})
        self.assertIn(self.continue_and_commit(3), (UNKNOWN_MEMBER, ILLEGAL_GENERATION))
        self.assert_committed(self.client_, GROUP, TOPIC, {0: 6})


class StandstillOfKip848(StandstillCase):
    """A member that was given up is a stranger, whatever its epoch was; stale are only epochs of members."""

    def setUp(self):
        super().setUp()
        self.shorten_session(self.node_, GROUP)
        self.stop_member(consumer_in_line)

    def test_group_is_empty_meanwhile(self):
        # Somebody who keeps offsets without being a member may do so as soon as nobody is one.
        eventually("the member given up", lambda: self.client_.commit(GROUP, TOPIC, {0: 6}) == {0: 0})
        self.assertEqual(self.continue_and_commit(3), UNKNOWN_MEMBER)
        self.assert_committed(self.client_, GROUP, TOPIC, {0: 6})

    def test_another_one_has_taken_over(self):
        other = self.consumer(self.node_, GROUP)
        self.assertEqual(other.join([TOPIC]), 0)
        self.share(1, other)
        self.commit_well(other, TOPIC, {0: 6})
        self.assertEqual(self.continue_and_commit(3), UNKNOWN_MEMBER)
        self.assertEqual(other.heartbeat(), 0)
        self.assert_committed(self.client_, GROUP, TOPIC, {0: 6})
