"""Names as long as strings may be, and longer; names of topics that were deleted."""

import struct

from support.groups import JOIN
from support.node import eventually
from support.wire import Closed, array, data, frame, header, string
from test_groups import LONGEST, GroupCase


class DeletedTopic(GroupCase):
    def test_offsets_go_with_the_topic(self):
        """A new topic of its name begins anew."""
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5, 2: 7})
        self.assertEqual(self.client_.delete_topic(self.log_), 0)
        eventually("the offsets gone", lambda: self.client_.fetch_committed(self.group_, self.log_)[1][0][0] == -1)
        self.assertEqual(self.client_.create_topic(self.log_, partitions=3), 0)
        self.assert_kept({0: -1, 2: -1})


class Names(GroupCase):
    """Kafka's strings have at most 32767 bytes, also where their length could say more."""

    def test_longer_group_id_of_a_commit(self):
        """Taken, it would be lost with the next restart: on disk the name has 32767 bytes."""
        client = self.group_client(self.shared)
        with self.assertRaises(Closed):
            client.commit_flexible(8, "g" * (LONGEST + 1), self.log_, {0: 5})

    def test_longer_names_of_a_consumer_heartbeat(self):
        for group, member in (("g" * (LONGEST + 1), "m"), (self.group_, "m" * (LONGEST + 1))):
            client = self.group_client(self.shared)
            with self.subTest(group=len(group), member=len(member)), self.assertRaises(Closed):
                client.consumer_heartbeat(group, member, 0, topics=[self.log_], owned={}, rebalance_ms=1000)

    def join_with_client_id(self, client, name, member=""):
        body = string(self.group_) + struct.pack(">ii", 10_000, 10_000) + string(member) + string(None)
        body += string("consumer") + array([string("range") + data(b"")])
        client.sent_ += 1
        client.send(frame(header(JOIN, 5, client.sent_, client=name) + body))
        return client.joined()

    def test_longest_client_id(self):
        """A member's id begins with its client's, and what is made of it must fit into a string, too: cut at the end it
        loses what makes it unique, and the node does not know it any more."""
        client, other = self.group_client(self.shared), self.group_client(self.shared)
        first, second = (self.join_with_client_id(c, "i" * LONGEST) for c in (client, other))
        if first.error == 79:
            # Not assertNotEqual, which would print them.
            self.assertTrue(first.member != second.member, "two clients have the same member id")
            self.assertEqual(self.join_with_client_id(client, "i" * LONGEST, first.member).error, 0)
