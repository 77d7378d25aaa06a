"""Members that are late, fenced or strangers, groups that are not what they are taken for, names and bytes without
sense: each gets the code that Kafka has for it, and what was committed before stays."""

import os
import socket

from support.case import SharedNodeCase
from support.group_case import OPTIONS, GroupSteps
from support.groups import (
    FENCED_EPOCH, FENCED_INSTANCE, GROUP_NOT_FOUND, ILLEGAL_GENERATION, INCONSISTENT_PROTOCOL, INVALID_GROUP_ID,
    INVALID_REQUEST, OFFSET_METADATA_TOO_LARGE, REBALANCING, STALE_EPOCH, UNKNOWN_MEMBER,
    UNKNOWN_TOPIC, UNSUPPORTED_VERSION,
)
from support.node import eventually
from support.wire import frame

NOBODY = "nobody-00000000-0000-0000-0000-000000000000"
LONGEST = 0x7FFF
# Where it ends for one member, the others need it for several round trips.
SHORT_MS = 3_000


class GroupCase(SharedNodeCase, GroupSteps):
    OPTIONS = OPTIONS

    def setUp(self):
        super().setUp()
        self.log_ = self.topic(partitions=3)
        self.group_ = self.log_ + "-group"
        self.client_ = self.await_coordinator(self.shared, self.group_)

    def classic(self, **options):
        return self.member(self.shared, self.group_, **options)

    def consumer_member(self):
        return self.consumer(self.shared, self.group_)

    def assert_kept(self, offsets):
        self.assert_committed(self.client_, self.group_, self.log_, offsets)


class Fenced(GroupCase):
    def test_old_generation(self):
        first, second = self.classic(), self.classic()
        self.formed(first)
        old = first.generation
        self.form(first, second)
        self.share_out(first, second)
        self.commit_well(second, self.log_, {0: 5})
        self.assertEqual(first.commit(self.log_, {0: 3}, generation=old), {0: ILLEGAL_GENERATION})
        self.assertEqual(first.commit(self.log_, {0: 9}, generation=first.generation + 1), {0: ILLEGAL_GENERATION})
        self.assertEqual(self.client_.heartbeat(self.group_, old, first.id), ILLEGAL_GENERATION)
        self.assertEqual(self.client_.sync(self.group_, old, first.id)[0], ILLEGAL_GENERATION)
        self.assert_kept({0: 5})

    def test_strangers(self):
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5})
        self.assertEqual(member.commit(self.log_, {0: 3}, member=NOBODY), {0: UNKNOWN_MEMBER})
        # Somebody who keeps offsets without being a member, while others are members.
        self.assertEqual(self.client_.commit(self.group_, self.log_, {0: 3}), {0: UNKNOWN_MEMBER})
        self.assertEqual(self.client_.heartbeat(self.group_, member.generation, NOBODY), UNKNOWN_MEMBER)
        self.assertEqual(self.client_.sync(self.group_, member.generation, NOBODY)[0], UNKNOWN_MEMBER)
        self.assertEqual(self.client_.join(self.group_, member=NOBODY).error, UNKNOWN_MEMBER)
        self.assertEqual(self.client_.leave(self.group_, NOBODY), (0, UNKNOWN_MEMBER))
        self.assertEqual(member.heartbeat(), 0)
        self.assert_kept({0: 5})

    def test_replaced_static_member(self):
        old, = self.formed(self.classic(instance="desk"))
        self.commit_well(old, self.log_, {0: 5})
        new = self.classic(instance="desk")
        self.assertEqual(new.join(), 0)
        self.assertEqual(new.generation, old.generation, "no rebalance")
        self.assertNotEqual(new.id, old.id)
        self.assertEqual(old.commit(self.log_, {0: 3}), {0: FENCED_INSTANCE})
        self.assertEqual(old.heartbeat(), FENCED_INSTANCE)
        self.assertEqual(old.sync()[0], FENCED_INSTANCE)
        self.assertEqual(old.leave(), (0, FENCED_INSTANCE))
        self.assert_kept({0: 5})
        self.assertEqual(new.sync(), (0, b"some"))
        self.commit_well(new, self.log_, {0: 6})
        self.assert_kept({0: 6})

    def test_between_join_and_sync(self):
        member = self.classic()
        self.formed(member)
        self.commit_well(member, self.log_, {0: 5})
        self.form(member, self.classic())
        self.assertEqual(member.commit(self.log_, {0: 6}), {0: REBALANCING})
        self.assert_kept({0: 5})

    def test_after_leaving(self):
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5})
        self.assertEqual(member.leave(), (0, 0))
        self.assertEqual(self.client_.state_of(self.group_), ("Empty", 0))
        self.assertEqual(member.commit(self.log_, {0: 3}), {0: UNKNOWN_MEMBER})
        self.assertEqual(member.heartbeat(), UNKNOWN_MEMBER)
        self.assert_kept({0: 5})
        # Nobody is there to be disturbed: a tool may set offsets now.
        self.assertEqual(self.client_.commit(self.group_, self.log_, {0: 4}), {0: 0})
        self.assert_kept({0: 4})

    def test_epochs(self):
        """KIP-848: commits of another epoch are stale, heartbeats of another epoch are fenced."""
        first, second = self.consumer_member(), self.consumer_member()
        self.assertEqual(first.join([self.log_]), 0)
        self.commit_well(first, self.log_, {0: 5})
        old = first.epoch
        self.assertEqual(second.join([self.log_]), 0)

        def shared():
            self.assertEqual((first.heartbeat(), second.heartbeat()), (0, 0))
            return second.owned

        eventually("the second member's share", shared)
        self.assertGreater(first.epoch, old)
        self.assertEqual(first.commit(self.log_, {0: 3}, epoch=old), {0: STALE_EPOCH})
        self.assertEqual(first.commit(self.log_, {0: 3}, epoch=first.epoch + 1), {0: STALE_EPOCH})
        self.assertEqual(first.commit(self.log_, {0: 3}, member=NOBODY), {0: UNKNOWN_MEMBER})
        self.assertEqual(self.client_.commit(self.group_, self.log_, {0: 3}), {0: UNKNOWN_MEMBER})
        ahead = self.client_.consumer_heartbeat(self.group_, first.id, first.epoch + 1)
        self.assertEqual(ahead.error, FENCED_EPOCH)
        self.assertEqual(self.client_.consumer_heartbeat(self.group_, NOBODY, 1).error, UNKNOWN_MEMBER)
        # Who was ahead has to join again, and may do so at once.
        self.assertEqual(first.heartbeat(), UNKNOWN_MEMBER)
        first.epoch, first.owned = 0, {}
        self.assertEqual(first.join([self.log_]), 0)
        self.commit_well(first, self.log_, {0: 6})
        self.assert_kept({0: 6})

    def test_fetch_of_another_epoch(self):
        """A member of KIP-848 that asks for offsets is checked as one that commits them; who names no member is not."""
        first, second = self.consumer_member(), self.consumer_member()
        self.assertEqual(first.join([self.log_]), 0)
        self.commit_well(first, self.log_, {0: 5})
        old = first.epoch
        self.assertEqual(second.join([self.log_]), 0)
        self.share(3, first, second)
        self.assertGreater(first.epoch, old)
        for epoch in (-1, 0, old, first.epoch + 1):
            self.assertEqual(first.fetch_committed(self.log_, epoch=epoch), (STALE_EPOCH, {}))
        for epoch in (-1, first.epoch):
            self.assertEqual(first.fetch_committed(self.log_, member=NOBODY, epoch=epoch), (UNKNOWN_MEMBER, {}))
        self.assertEqual(first.fetch_committed(self.log_, member=None), (UNKNOWN_MEMBER, {}))
        self.assertEqual(first.fetch_committed(self.log_, member=None, epoch=-1), (0, {0: 5}))
        self.assertEqual(first.fetch_committed(self.log_), (0, {0: 5}))

    def test_epoch_in_an_old_version(self):
        """OffsetCommit 8 knows generations only."""
        member = self.consumer_member()
        self.assertEqual(member.join([self.log_]), 0)
        self.commit_well(member, self.log_, {0: 5})
        whom = {"epoch": member.epoch, "member": member.id}
        found = self.client_.commit_flexible(8, self.group_, self.log_, {0: 3}, **whom)
        self.assertEqual(found, {0: UNSUPPORTED_VERSION})
        self.assert_kept({0: 5})


class HeartbeatingConnections(GroupCase):
    """Connections of members that rarely say anything but heartbeats, and what comes between these."""

    MEMBERS = 3

    def setUp(self):
        super().setUp()
        self.members = [self.consumer_member() for _ in range(self.MEMBERS)]
        for m in self.members:
            self.assertEqual(m.join([self.log_]), 0)
        self.share(3, *self.members)
        self.beat(self.members)

    def beat(self, members):
        for m in members:
            m.send_heartbeat()
        self.assertEqual({m.answered() for m in members}, {0})

    def heartbeat_of(self, member):
        """Its bytes, which are not sent."""
        said = []
        member.client.send = said.append
        member.send_heartbeat()
        del member.client.send
        return b"".join(said)

    def test_several_at_once(self):
        """Answered one by one, in their order, whatever they are."""
        for m in self.members:
            beats = [self.heartbeat_of(m) for _ in range(3)]
            other = m.client.create_topic_request(f"{self.group_}-{m.id}")
            m.client.send(b"".join(beats) + other + self.heartbeat_of(m))
            last = m.client.sent_
            came = [m.client.answer()[0] for _ in range(5)]
            self.assertEqual(came, list(range(last - 4, last + 1)))
        self.beat(self.members)

    def test_half_a_heartbeat(self):
        for m in self.members:
            whole = self.heartbeat_of(m)
            m.client.send(whole[:9])
            self.beat([x for x in self.members if x is not m])
            m.client.send(whole[9:])
            self.assertEqual(m.answered(), 0)

    def test_connections_that_end(self):
        closed, ended, garbage = self.members
        closed.client.socket.close()
        ended.client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(ended.client.closed_by_node(), b"")
        since = len(self.shared.log())
        garbage.client.send(frame(b"?"))
        self.assertEqual(garbage.client.closed_by_node(), b"")
        self.shared.await_line(f'connection closed peer={garbage.client.peer} reason="request header', since)
        # The members are still in the group, from whatever connection they come.
        for m in self.members:
            m.client = self.group_client(self.shared)
        self.beat(self.members)

    def test_a_member_that_is_fenced_is_told(self):
        first, *rest = self.members
        same = self.consumer_member()
        same.id, same.epoch = first.id, first.epoch
        self.assertEqual(same.leave(), 0)
        self.assertEqual(first.heartbeat(), UNKNOWN_MEMBER)
        self.share(3, *rest)

    def test_other_requests_of_members(self):
        first, second, _ = self.members
        self.commit_well(first, self.log_, {0: 7})
        self.assert_committed(second.client, self.group_, self.log_, {0: 7})
        self.assertEqual(second.client.create_topic(self.group_ + "-another"), 0)
        self.beat(self.members)
        self.commit_well(first, self.log_, {0: 8})
        self.assert_committed(first.client, self.group_, self.log_, {0: 8})


class OtherGroups(GroupCase):
    def test_unknown_group(self):
        self.assertEqual(self.client_.heartbeat(self.group_, 1, NOBODY), UNKNOWN_MEMBER)
        self.assertEqual(self.client_.sync(self.group_, 1, NOBODY)[0], UNKNOWN_MEMBER)
        self.assertEqual(self.client_.join(self.group_, member=NOBODY).error, UNKNOWN_MEMBER)
        self.assertEqual(self.client_.leave(self.group_, NOBODY), (0, UNKNOWN_MEMBER))
        commit = {"generation": 1, "member": NOBODY}
        self.assertEqual(self.client_.commit(self.group_, self.log_, {0: 3}, **commit), {0: ILLEGAL_GENERATION})
        epoch = {"epoch": 1, "member": NOBODY}
        self.assertEqual(self.client_.commit_flexible(9, self.group_, self.log_, {0: 3}, **epoch), {0: GROUP_NOT_FOUND})
        self.assertEqual(self.client_.consumer_heartbeat(self.group_, NOBODY, 1).error, GROUP_NOT_FOUND)
        self.assertEqual(self.client_.consumer_heartbeat(self.group_, NOBODY, -1).error, GROUP_NOT_FOUND)
        self.assertEqual(self.client_.state_of(self.group_), ("Dead", 0), "nothing of it has made a group")
        self.assert_kept({0: -1})

    def test_classic_requests_to_a_consumer_group(self):
        member = self.consumer_member()
        self.assertEqual(member.join([self.log_]), 0)
        self.commit_well(member, self.log_, {0: 5})
        self.assertEqual(self.client_.join(self.group_).error, INCONSISTENT_PROTOCOL)
        self.assertEqual(self.client_.heartbeat(self.group_, member.epoch, NOBODY), UNKNOWN_MEMBER)
        self.assertEqual(self.client_.sync(self.group_, member.epoch, NOBODY)[0], UNKNOWN_MEMBER)
        self.assertEqual(self.client_.leave(self.group_, NOBODY), (0, UNKNOWN_MEMBER))
        self.assertEqual(member.heartbeat(), 0)
        self.assert_kept({0: 5})

    def test_consumer_heartbeat_to_a_classic_group(self):
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5})
        self.assertEqual(self.consumer_member().join([self.log_]), GROUP_NOT_FOUND)
        self.assertEqual(self.client_.consumer_heartbeat(self.group_, member.id, 1).error, GROUP_NOT_FOUND)
        self.assertEqual(member.heartbeat(), 0)
        self.assert_kept({0: 5})

    def test_described_as_a_group_of_the_other_kind(self):
        """To ConsumerGroupDescribe a classic group is as unknown as one that is not there; the classic request shows
        no member of a consumer group."""
        self.assertEqual(self.client_.consumer_state_of(self.group_)[0], GROUP_NOT_FOUND)
        classic, = self.formed(self.classic())
        self.assertEqual(self.client_.consumer_state_of(self.group_)[0], GROUP_NOT_FOUND)
        self.assertEqual(self.client_.state_of(self.group_), ("Stable", 1))
        self.assertEqual(classic.leave(), (0, 0))
        self.assertEqual(self.consumer_member().join([self.log_]), 0)
        self.assertEqual(self.client_.consumer_state_of(self.group_), (0, "Stable"))
        self.assertEqual(self.client_.state_of(self.group_), ("Dead", 0))

    def test_empty_group_changes_its_type(self):
        """In both directions; the offsets are the group's, not its members'."""
        classic, = self.formed(self.classic())
        self.commit_well(classic, self.log_, {0: 5})
        self.assertEqual(classic.leave(), (0, 0))
        consumer = self.consumer_member()
        self.assertEqual(consumer.join([self.log_]), 0)
        self.assert_kept({0: 5})
        self.commit_well(consumer, self.log_, {0: 6})
        self.assertEqual(consumer.leave(), 0)
        self.formed(self.classic())
        self.assert_kept({0: 6})


class Names(GroupCase):
    def test_empty_group_id(self):
        self.assertEqual(self.client_.join("").error, INVALID_GROUP_ID)
        self.assertEqual(self.client_.sync("", 1, NOBODY)[0], INVALID_GROUP_ID)
        self.assertEqual(self.client_.heartbeat("", 1, NOBODY), INVALID_GROUP_ID)
        self.assertEqual(self.client_.leave("", NOBODY)[0], INVALID_GROUP_ID)
        self.assertEqual(self.client_.consumer_heartbeat("", NOBODY, 0).error, INVALID_REQUEST)

    def test_offsets_of_the_empty_group_id(self):
        """Somebody who keeps offsets without being a member may."""
        client = self.await_coordinator(self.shared, "")
        self.assertEqual(client.commit("", self.log_, {0: 5}), {0: 0})
        self.assert_committed(client, "", self.log_, {0: 5})

    def test_longest_group_id(self):
        self.group_ = "g" * LONGEST
        self.client_ = self.await_coordinator(self.shared, self.group_)
        members = self.formed(self.classic(), self.classic())
        self.commit_well(members[0], self.log_, {0: 5})
        self.assertEqual([m.heartbeat() for m in members], [0, 0])
        self.assert_kept({0: 5})

    def test_longest_group_id_of_the_consumer_protocol(self):
        self.group_ = "c" * LONGEST
        self.client_ = self.await_coordinator(self.shared, self.group_)
        member = self.consumer_member()
        self.assertEqual(member.join([self.log_]), 0)
        self.commit_well(member, self.log_, {0: 5})
        self.assert_kept({0: 5})


class Bytes(GroupCase):
    def test_metadata_too_long(self):
        """4096 bytes are Kafka's default limit; each partition is judged alone."""
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5}, metadata="m" * 4096)
        self.assertEqual(member.commit(self.log_, {0: 6}, metadata="m" * 4097), {0: OFFSET_METADATA_TOO_LARGE})
        self.assertEqual(member.commit(self.log_, {0: 6}, metadata="m" * LONGEST), {0: OFFSET_METADATA_TOO_LARGE})
        self.assertEqual(self.client_.fetch_committed(self.group_, self.log_), (0, {0: (5, "m" * 4096)}))

    def test_partitions_that_are_not_there(self):
        member, = self.formed(self.classic())
        found = member.commit(self.log_, {0: 5, 3: 1, -1: 1, 2**31 - 1: 1})
        self.assertEqual(found, {0: 0, 3: UNKNOWN_TOPIC, -1: UNKNOWN_TOPIC, 2**31 - 1: UNKNOWN_TOPIC})
        self.assertEqual(member.commit("no-such-topic", {0: 5}), {0: UNKNOWN_TOPIC})
        self.assert_kept({0: 5, 3: -1})

    def test_garbage_for_assignments(self):
        """What a leader assigns is between the members: handed on as it is, whatever it is."""
        for size in (0, 1, 100, 100_000):
            garbage = os.urandom(size)
            with self.subTest(size=size):
                member, other = self.classic(), self.classic()
                self.form(member, other)
                self.share_out(member, other, assignment=garbage)
                self.commit_well(other, self.log_, {0: size})
                self.assertEqual((member.leave(), other.leave()), ((0, 0), (0, 0)))
                self.assert_kept({0: size})

    def test_garbage_for_subscriptions(self):
        """The same for what members say they want; only the leader is told."""
        garbage = [os.urandom(1000), b"\xff\xff\xff\xff" * 10]
        members = [self.classic(metadata=g) for g in garbage]
        self.formed(*members)
        leader = next(m for m in members if m.leads)
        self.assertEqual([leader.others[m.id] for m in members], garbage)
        self.commit_well(members[0], self.log_, {0: 5})
        self.assert_kept({0: 5})

    def test_assignments_for_strangers(self):
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5})
        other = self.classic()
        self.form(member, other)
        leader, follower = (member, other) if member.leads else (other, member)
        self.assertEqual(leader.sync({NOBODY: b"x", leader.id: b"y"}), (0, b"y"))
        self.assertEqual(follower.sync(), (0, b""))
        self.assert_kept({0: 5})


class Absent(GroupCase):
    def test_leader_that_never_syncs(self):
        """Its time is the rebalance timeout; then the others go on without it."""
        first, second = self.classic(rebalance_ms=SHORT_MS), self.classic(rebalance_ms=SHORT_MS)
        self.formed(first)
        self.commit_well(first, self.log_, {0: 5})
        self.form(first, second)
        leader, follower = (first, second) if first.leads else (second, first)
        follower.begin_sync()
        self.assertEqual(follower.synced(), (REBALANCING, b""))
        self.assertEqual(follower.join(), 0)
        self.assertTrue(follower.leads)
        self.assertEqual(follower.sync({follower.id: b"all"}), (0, b"all"))
        self.assertEqual(leader.sync({leader.id: b"late"})[0], UNKNOWN_MEMBER)
        self.assertEqual(leader.commit(self.log_, {0: 3}), {0: UNKNOWN_MEMBER})
        self.assert_kept({0: 5})
        self.commit_well(follower, self.log_, {0: 6})
        self.assert_kept({0: 6})

    def test_member_that_never_joins_again(self):
        first, second = self.classic(rebalance_ms=SHORT_MS), self.classic(rebalance_ms=SHORT_MS)
        self.formed(first)
        self.commit_well(first, self.log_, {0: 5})
        self.assertEqual(second.join(), 0)
        self.assertTrue(second.leads)
        self.assertEqual(list(second.others), [second.id])
        self.assertEqual(first.commit(self.log_, {0: 3}), {0: UNKNOWN_MEMBER})
        self.assert_kept({0: 5})

    def test_member_that_vanishes_while_it_waits(self):
        """It is one of the generation that it waited for, until its session ends."""
        first, second = self.classic(), self.classic(session_ms=SHORT_MS)
        self.formed(first)
        self.commit_well(first, self.log_, {0: 5})
        second.begin_join()
        eventually("a rebalance", lambda: first.heartbeat() == REBALANCING)
        second.client.socket.close()
        self.assertEqual(first.join(), 0)
        self.assertTrue(first.leads)
        self.assertEqual(set(first.others), {first.id, second.id})
        self.assertEqual(first.sync({first.id: b"half", second.id: b"half"}), (0, b"half"))
        eventually("it is missed", lambda: first.heartbeat() == REBALANCING)
        self.assertEqual(first.join(), 0)
        self.assertEqual(list(first.others), [first.id])
        self.assert_kept({0: 5})


class Silent(GroupCase):
    def test_longer_than_the_groups_own_session(self):
        """The group sets one while its members are there; it counts from their next heartbeats on."""
        first, silent = self.consumer_member(), self.consumer_member()
        self.assertEqual([first.join([self.log_]), silent.join([self.log_])], [0, 0])
        self.shorten_session(self.shared, self.group_)
        self.share(3, first, silent)
        self.commit_well(silent, self.log_, {0: 5})
        self.share(3, first)
        self.assertEqual(silent.heartbeat(), UNKNOWN_MEMBER)
        self.assert_kept({0: 5})


class DeletedTopic(GroupCase):
    def other_topic(self):
        name = self.log_ + "-beside"
        self.assertEqual(self.client_.create_topic(name), 0)
        return name

    def test_group_of_a_deleted_topic(self):
        """Nothing can be committed for it any more, and what was committed for others stays."""
        other = self.other_topic()
        member, = self.formed(self.classic())
        self.commit_well(member, self.log_, {0: 5, 2: 7})
        self.commit_well(member, other, {0: 9})
        self.assertEqual(self.client_.delete_topic(self.log_), 0)
        eventually("commits refused", lambda: member.commit(self.log_, {0: 8}) == {0: UNKNOWN_TOPIC})
        self.assertEqual(member.heartbeat(), 0)
        self.commit_well(member, other, {0: 10})
        self.assert_committed(self.client_, self.group_, other, {0: 10})
        self.assertEqual(self.client_.create_topic(self.log_, partitions=3), 0)
        self.commit_well(member, self.log_, {0: 1})
        self.assert_kept({0: 1})

    def test_consumer_group_of_a_deleted_topic(self):
        """The members are told that they have nothing of it any more."""
        other = self.other_topic()
        member = self.consumer_member()
        self.assertEqual(member.join([self.log_, other]), 0)
        self.assertEqual(sorted(len(p) for p in member.owned.values()), [1, 3])
        self.commit_well(member, self.log_, {0: 5})
        self.commit_well(member, other, {0: 9})
        self.assertEqual(self.client_.delete_topic(self.log_), 0)
        eventually("an assignment without it", lambda: member.heartbeat() == 0 and len(member.owned) == 1)
        self.assertEqual(member.commit(self.log_, {0: 8}), {0: UNKNOWN_TOPIC})
        self.assert_committed(self.client_, self.group_, other, {0: 9})
