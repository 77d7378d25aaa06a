"""Groups with many members: a thousand of each protocol that come at once, ten thousand that only say that they are
there."""

import itertools
import os
import resource
import struct
import time

from support.case import MIB, NemesisCase, slow
from support.group_case import OPTIONS, GroupSteps
from support.members import ConsumerMember
from support.node import FREES_AT_ONCE

TOPIC = "log"
PARTITIONS = 10
AT_ONCE = 1_000
# A partition for each of them.
WIDE = "wide"
# Three do, mostly: who has too much is told to give it up, has given it up, and somebody else has it.
MOST_ROUNDS = 10
GROUPS, MEMBERS = 100, 100
# Nobody is given up while a slow disk syncs a thousand commits one after the other.
PATIENT_MS = 120_000
PATIENT = {"session_ms": PATIENT_MS, "rebalance_ms": PATIENT_MS}
PATIENT_NODE = dict.fromkeys(
    ["group.consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms"], PATIENT_MS
)


class Crowd(NemesisCase, GroupSteps):
    def started(self, prefix=(), **options):
        node = self.node(options={**OPTIONS, **options}, prefix=prefix)
        self.assertEqual(self.client(node).create_topic(TOPIC, partitions=PARTITIONS), 0)
        return node

    def needs_descriptors(self, count):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < count:
            self.skipTest(f"needs {count} descriptors (ulimit -n)")

    def join_at_once(self, members):
        """All ask for their ids, then all join: one generation, one leader, who is told of all."""
        for m in members:
            m.send_join()
        for m in members:
            m.id = m.client.joined().member
        self.assertEqual(len({m.id for m in members}), len(members))
        for m in members:
            m.send_join()
        self.assertEqual({m.joined() for m in members}, {0})
        self.assertEqual(len({m.generation for m in members}), 1)
        leader, = (m for m in members if m.leads)
        self.assertEqual(set(leader.others), {m.id for m in members})
        return leader

    @slow
    def test_a_thousand_join_at_once(self):
        """With the time that Kafka gives an empty group to fill."""
        node = self.started(**{"group.initial.rebalance.delay.ms": 3000})
        client = self.await_coordinator(node, "crowd")
        members = [self.member(node, "crowd", metadata=os.urandom(100), **PATIENT) for _ in range(AT_ONCE)]
        begun = time.monotonic()
        leader = self.join_at_once(members)
        share = {m.id: struct.pack(">i", i) for i, m in enumerate(members)}
        for m in members:
            m.begin_sync(share if m is leader else None)
        self.assertEqual([m.synced() for m in members], [(0, share[m.id]) for m in members])
        self.remark(f"stable after {time.monotonic() - begun:.1f} s")
        for number, m in enumerate(members):
            self.commit_well(m, TOPIC, {number % PARTITIONS: number})
        last = {p: AT_ONCE - PARTITIONS + p for p in range(PARTITIONS)}
        self.assert_committed(client, "crowd", TOPIC, last)
        self.assertEqual(client.state_of("crowd"), ("Stable", AT_ONCE))
        node.kill()
        node.start()
        client = self.await_coordinator(node, "crowd")
        self.assertEqual(client.state_of("crowd"), ("Stable", AT_ONCE))
        self.assert_committed(client, "crowd", TOPIC, last)

    def all_told(self, members, send):
        """All have sent before the first one looks for its answer."""
        for m in members:
            send(m)
        self.assertEqual({m.answered() for m in members}, {0})

    def share_by_heartbeats(self, members):
        """Until each has its one partition; nobody ever has what another one has. Returns how many rounds it took."""
        for rounds in itertools.count(1):
            self.all_told(members, ConsumerMember.send_heartbeat)
            if self.assert_disjoint(*members) == AT_ONCE and all(len(m.owned) == 1 for m in members):
                self.assertEqual(len({m.epoch for m in members}), 1)
                return rounds
            self.assertLess(rounds, MOST_ROUNDS, "partitions are still not shared")

    @slow
    def test_a_thousand_of_kip_848_join_at_once(self):
        """And leave at once, three times: whoever comes after them, the node's memory stays below the same bound."""
        self.needs_descriptors(AT_ONCE + 500)
        node = self.started(prefix=FREES_AT_ONCE, **PATIENT_NODE)
        client = self.await_coordinator(node, "crowd")
        self.assertEqual(client.create_topic(WIDE, partitions=AT_ONCE), 0)
        clients = [self.group_client(node) for _ in range(AT_ONCE)]
        node.forget_peak()
        before = node.resident()
        for _ in range(3):
            members = [ConsumerMember(c, "crowd", rebalance_ms=PATIENT_MS) for c in clients]
            begun = time.monotonic()
            self.all_told(members, lambda m: m.send_join([WIDE]))
            rounds = self.share_by_heartbeats(members)
            self.assertEqual(client.consumer_state_of("crowd"), (0, "Stable"))
            took = time.monotonic() - begun
            self.all_told(members, ConsumerMember.send_leave)
            self.assertEqual(client.consumer_state_of("crowd"), (0, "Empty"))
            self.assert_grew_less(node, before, 64 * MIB, f"shared after {rounds} rounds, {took:.1f} s")

    @slow
    def test_ten_thousand_heartbeats(self):
        """Each of a member of KIP-848 on a connection of its own, in groups of a hundred."""
        self.needs_descriptors(GROUPS * MEMBERS + 500)
        node = self.started(**{"max.connections": GROUPS * MEMBERS + 100})
        client = self.await_coordinator(node, "group-0")
        self.assertEqual(client.commit("keeper", TOPIC, {0: 5}), {0: 0})
        members = [self.consumer(node, f"group-{i % GROUPS}") for i in range(GROUPS * MEMBERS)]
        begun = time.monotonic()
        for m in members:
            m.send_join([TOPIC])
        self.assertEqual({m.answered() for m in members}, {0})
        joined = time.monotonic()
        for _ in range(2):
            for m in members:
                m.send_heartbeat()
            self.assertEqual({m.answered() for m in members}, {0})
        took = time.monotonic() - joined
        self.remark(f"joined in {joined - begun:.1f} s, twice {len(members)} heartbeats in {took:.1f} s")
        self.assert_committed(client, "keeper", TOPIC, {0: 5})
