"""Records in `__consumer_offsets` that a disk, or another program, has spoilt: what cannot be read is said and left
out, the other groups have everything."""

import shutil

from support.case import NemesisCase, slow
from support.group_case import OPTIONS, GroupSteps
from support.groups import NOT_COORDINATOR, REBALANCING
from support.offsets_log import GROUP_KEY, TOPIC, Spoiler, group_key, keys_of, offset_key, partition_of

PARTITIONS = OPTIONS["offsets.topic.num.partitions"]
HURT = "hurt"
PLACE = partition_of(HURT, PARTITIONS)


def named(condition):
    return next(name for name in (f"group-{i}" for i in range(1000)) if condition(partition_of(name, PARTITIONS)))


# One that shares the partition with the group that is hurt, and one that does not.
NEIGHBOUR, STRANGER = named(lambda p: p == PLACE), named(lambda p: p != PLACE)


class DamageCase(NemesisCase, GroupSteps):
    """Three groups with a member each, which has committed 5 and then 6; the node is down."""

    def setUp(self):
        super().setUp()
        self.node_ = self.node(options=OPTIONS)
        self.assertEqual(self.client(self.node_).create_topic("log", partitions=2), 0)
        self.members_ = {}
        for group in (NEIGHBOUR, STRANGER, HURT):
            self.await_coordinator(self.node_, group)
            member, = self.formed(self.member(self.node_, group))
            self.commit_well(member, "log", {0: 5, 1: 50})
            self.commit_well(member, "log", {0: 6})
            self.members_[group] = member
        self.assertEqual(self.node_.stop(), 0)

    def path(self):
        return self.node_.segments(TOPIC, PLACE)[0]

    def spoiler(self, key):
        return Spoiler(self.path(), key)

    def start(self):
        self.node_.start()
        for member in self.members_.values():
            member.client = self.group_client(self.node_)

    def assert_whole(self, group, offset=6):
        client = self.await_coordinator(self.node_, group)
        self.assert_committed(client, group, "log", {0: offset, 1: 50})

    def assert_member_goes_on(self, group):
        member = self.members_[group]
        self.assertEqual(member.heartbeat(), 0)
        self.commit_well(member, "log", {0: 6})

    def assert_others_whole(self):
        for group in (NEIGHBOUR, STRANGER):
            self.assert_whole(group)
            self.assert_member_goes_on(group)

    def ask_the_hurt(self, client):
        """Whatever it is told: it is told something."""
        client.state_of(HURT)
        self.members_[HURT].heartbeat()
        self.members_[HURT].commit("log", {0: 6})

    def each_byte(self, *keys):
        """With each byte of the values flipped in turn the node starts, answers for that group, has the rest whole."""
        kept, count = self.folder / "kept", 0
        shutil.copytree(self.node_.data, kept)
        for key in keys:
            for byte in range(self.spoiler(key).size):
                with self.subTest(key=key, byte=byte):
                    self.spoiler(key).spoil(byte, fit_crc=True)
                    self.start()
                    self.ask_the_hurt(self.await_coordinator(self.node_, HURT))
                    self.assert_others_whole()
                self.node_.kill()
                shutil.rmtree(self.node_.data)
                shutil.copytree(kept, self.node_.data)
                count += 1
        self.remark(f"{count} bytes")
        self.start()
        self.assert_whole(HURT)


class Damage(DamageCase):
    def assert_left_out(self):
        line = self.node_.await_line(" error records of groups are damaged and left out ")
        self.assertRegex(line, rf"partition={TOPIC}-{PLACE} records=1$")

    def test_offset_that_cannot_be_read(self):
        """The commit before it counts: some is read twice, nothing is passed over."""
        self.spoiler(offset_key(HURT, "log", 0)).spoil(1, fit_crc=True)
        self.start()
        self.assert_whole(HURT, offset=5)
        self.assert_left_out()
        self.assert_others_whole()
        self.assert_member_goes_on(HURT)
        self.assert_whole(HURT)

    def test_group_that_cannot_be_read(self):
        """The record before it counts, in which the members had met: they join again. The offsets are there."""
        self.spoiler(group_key(HURT)).spoil(1, fit_crc=True)
        self.start()
        self.assert_whole(HURT)
        self.assert_left_out()
        self.assert_others_whole()
        lost = self.members_[HURT]
        self.assertEqual(lost.heartbeat(), REBALANCING)
        self.assertEqual(lost.join(), 0)
        self.share_out(lost)
        self.commit_well(lost, "log", {0: 7})
        self.assert_whole(HURT, offset=7)

    def assert_not_loaded(self):
        """The groups of that partition are not served: whoever asks is told so, the log tells people why."""
        line = self.node_.await_line(" error groups cannot be loaded ")
        self.assertRegex(line, rf'partition={TOPIC}-{PLACE} reason="CORRUPT_MESSAGE .*CRC.*" cure="stop the node')
        for group in (HURT, NEIGHBOUR):
            member = self.members_[group]
            self.assertEqual(member.client.fetch_committed(group, "log")[0], NOT_COORDINATOR)
            self.assertEqual(member.heartbeat(), NOT_COORDINATOR)
            self.assertEqual(member.commit("log", {0: 7})[0], NOT_COORDINATOR)
        self.assert_whole(STRANGER)
        self.assert_member_goes_on(STRANGER)

    def test_wrong_crc(self):
        """Nobody can tell what else in there is wrong. With the byte mended everything is as it was."""
        spoiler = self.spoiler(offset_key(HURT, "log", 0))
        spoiler.spoil(spoiler.size - 1, fit_crc=False)
        self.start()
        self.assert_not_loaded()
        self.assertEqual(self.node_.stop(), 0)
        spoiler.mend()
        self.start()
        for group in self.members_:
            self.assert_whole(group)
            self.assert_member_goes_on(group)

    @slow
    def test_each_byte_of_an_offset(self):
        self.each_byte(offset_key(HURT, "log", 0))

    @slow
    def test_each_byte_of_a_group(self):
        self.each_byte(group_key(HURT))


class ConsumerDamage(DamageCase):
    """The group that is hurt is one of KIP-848, with two members."""

    def setUp(self):
        super().setUp()
        self.start()
        self.assertEqual(self.members_[HURT].leave(), (0, 0))
        members = [self.consumer(self.node_, HURT) for _ in range(2)]
        self.assertEqual([m.join(["log"]) for m in members], [0, 0])
        self.assertEqual([m.heartbeat() for m in members], [0, 0])
        self.members_[HURT], self.partner_ = members
        self.assertEqual(self.node_.stop(), 0)

    def ask_the_hurt(self, client):
        super().ask_the_hurt(client)
        self.assert_whole(HURT)
        self.partner_.client = self.group_client(self.node_)
        newcomer = self.consumer(self.node_, HURT)
        self.assertEqual(newcomer.join(["log"]), 0)
        self.assert_all_is_read([self.members_[HURT], self.partner_, newcomer])
        self.assertEqual(newcomer.leave(), 0)
        self.assert_all_is_read([self.members_[HURT], self.partner_])

    def assert_all_is_read(self, members):
        """Soon, by heartbeats alone: nobody says again what it wants unless it is told to join anew."""
        for _ in range(20):
            for member in members:
                if member.heartbeat() != 0:
                    member.epoch, member.owned = 0, {}
                    self.assertEqual(member.join(["log"]), 0)
            read = [(topic, p) for m in members for topic, parts in m.owned.items() for p in parts]
            if len(read) == 2 and len(set(read)) == 2:
                return
        self.fail(f"read are {read}")

    @slow
    def test_each_byte_of_each_record(self):
        """Of the group, its topics, its members, what they are to have, and what they have."""
        keys = [key for key in keys_of(self.path(), HURT) if key[1] > GROUP_KEY]
        self.remark(f"{len(keys)} records of {len({key[:2] for key in keys})} kinds")
        self.each_byte(*keys)
