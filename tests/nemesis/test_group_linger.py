"""Heartbeats that come in crowds: they are read together, and whatever else the same connections say is not lost or
late for that."""

import socket
import time

from support.case import NemesisCase
from support.group_case import OPTIONS, GroupSteps
from support.members import ConsumerMember
from support.node import eventually
from support.wire import frame

TOPIC = "log"
MEMBERS = 8
# So long that eight members are a crowd.
LINGER = {"heartbeat.linger.ms": 50, "log.level": "debug"}

# A node decides by the second.
LONG_ENOUGH = 2.5


class Linger(NemesisCase, GroupSteps):
    def setUp(self):
        super().setUp()
        self.node_ = self.node(options={**OPTIONS, **LINGER})
        self.assertEqual(self.client(self.node_).create_topic(TOPIC, partitions=MEMBERS), 0)
        self.keeper = self.await_coordinator(self.node_, "crowd")
        self.members = [self.consumer(self.node_, "crowd") for _ in range(MEMBERS)]
        for m in self.members:
            self.assertEqual(m.join([TOPIC]), 0)
        self.share(MEMBERS, *self.members)
        self.read_together()

    def beat(self, members):
        for m in members:
            m.send_heartbeat()
        self.assertEqual({m.answered() for m in members}, {0})

    def read_together(self):
        since = len(self.node_.log())

        def are():
            self.beat(self.members)
            return self.node_.lines("heartbeats are read together", since)

        eventually("heartbeats that are read together", are)
        # Each of them by now: two heartbeats and nothing else.
        for _ in range(2):
            self.beat(self.members)

    def heartbeat_of(self, member):
        """Its bytes, which are not sent."""
        said = []
        member.client.send = said.append
        member.send_heartbeat()
        del member.client.send
        return b"".join(said)

    def test_other_requests_of_members(self):
        first, second, *_ = self.members
        self.commit_well(first, TOPIC, {0: 7})
        self.assert_committed(second.client, "crowd", TOPIC, {0: 7})
        self.assertEqual(second.client.create_topic("another"), 0)
        self.beat(self.members)
        self.commit_well(first, TOPIC, {0: 8})
        self.assert_committed(first.client, "crowd", TOPIC, {0: 8})

    def test_several_at_once(self):
        """Answered one by one, in their order, whatever they are."""
        for m in self.members:
            beats = [self.heartbeat_of(m) for _ in range(3)]
            other = m.client.create_topic_request(f"of-{m.id}")
            m.client.send(b"".join(beats) + other + self.heartbeat_of(m))
            last = m.client.sent_
            came = [m.client.answer()[0] for _ in range(5)]
            self.assertEqual(came, list(range(last - 4, last + 1)))
        self.read_together()

    def test_half_a_heartbeat(self):
        for m in self.members:
            whole = self.heartbeat_of(m)
            m.client.send(whole[:9])
            self.beat([x for x in self.members if x is not m])
            m.client.send(whole[9:])
            self.assertEqual(m.answered(), 0)

    def test_connections_that_end(self):
        closed, ended, garbage, *rest = self.members
        peers = [m.client.peer for m in (closed, ended)]
        closed.client.socket.close()
        ended.client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(ended.client.closed_by_node(), b"")
        garbage.client.log_length = len(self.node_.log())
        garbage.client.send(frame(b"?"))
        self.assert_closed_here(garbage.client)
        for peer in peers:
            self.node_.await_line(f'connection closed peer={peer} reason="closed by the client"')
        self.beat(rest)

    def assert_closed_here(self, client):
        self.assertEqual(client.closed_by_node(), b"")
        self.node_.await_line(f'connection closed peer={client.peer} reason="request header', client.log_length)

    def test_a_member_that_is_fenced_is_told(self):
        """What the others read for it stands no longer."""
        first, *rest = self.members
        same = ConsumerMember(self.group_client(self.node_), "crowd")
        same.id, same.epoch = first.id, first.epoch
        self.assertEqual(same.leave(), 0)
        self.assertEqual(first.heartbeat(), 25)
        self.share(MEMBERS, *rest)

    def test_silence_ends_it(self):
        since = len(self.node_.log())
        self.node_.await_line("heartbeats are read one by one", since)
        self.beat(self.members)
        self.commit_well(self.members[0], TOPIC, {0: 9})
        self.read_together()


class NoLinger(NemesisCase, GroupSteps):
    def test_not_at_all(self):
        node = self.node(options={**OPTIONS, "heartbeat.linger.ms": 0, "log.level": "debug"})
        self.assertEqual(self.client(node).create_topic(TOPIC), 0)
        self.await_coordinator(node, "crowd")
        m = self.consumer(node, "crowd")
        self.assertEqual(m.join([TOPIC]), 0)
        begun, beats = time.monotonic(), 0
        while time.monotonic() < begun + LONG_ENOUGH:
            self.assertEqual(m.heartbeat(), 0)
            beats += 1
        self.assertGreater(beats, 400 * LONG_ENOUGH, "no crowd, so nothing was seen")
        self.assertEqual(node.lines("heartbeats are read"), [])
