"""Groups with many members: a thousand that come at once, ten thousand that only say that they are there."""

import os
import resource
import struct
import time

from support.case import NemesisCase, slow
from support.group_case import OPTIONS, GroupSteps

TOPIC = "log"
PARTITIONS = 10
AT_ONCE = 1_000
GROUPS, MEMBERS = 100, 100
# Nobody is given up while a slow disk syncs a thousand commits one after the other.
PATIENT = {"session_ms": 120_000, "rebalance_ms": 120_000}


class Crowd(NemesisCase, GroupSteps):
    def started(self, **options):
        node = self.node(options={**OPTIONS, **options})
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
