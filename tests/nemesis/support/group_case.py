"""What the suites of groups share: coordinators that are ready, groups that are formed, offsets that are kept."""

from harness.configs import GROUP, set_configs
from support.groups import REBALANCING, GroupClient
from support.members import ConsumerMember, Member
from support.node import eventually

# Short sessions are asked for by single tests; nobody waits for members that do not come.
OPTIONS = {
    "group.min.session.timeout.ms": 50,
    "group.consumer.min.session.timeout.ms": 50,
    "group.consumer.min.heartbeat.interval.ms": 10,
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.num.partitions": 4,
}


class GroupSteps:
    """For a NemesisCase."""

    def group_client(self, node):
        client = GroupClient(node.port)
        self.addCleanup(client.socket.close)
        return client

    def member(self, node, group, **options):
        return Member(self.group_client(node), group, **options)

    def consumer(self, node, group):
        return ConsumerMember(self.group_client(node), group)

    def shorten_session(self, node, group):
        """Of a group of KIP-848: its members are missed within the guard of eventually(), by the node's own 45 s they
        are not."""
        times = {"consumer.session.timeout.ms": 3000, "consumer.heartbeat.interval.ms": 100}
        set_configs(node.port, GROUP, group, times)

    def share(self, partitions, *members):
        """Members of KIP-848 heartbeat until each has its share; nobody ever has what another one has."""

        def shared():
            self.assertEqual({m.heartbeat() for m in members}, {0})
            return self.assert_disjoint(*members) == partitions and len({m.epoch for m in members}) == 1

        eventually("all partitions shared", shared)

    def assert_disjoint(self, *members):
        """Returns how many partitions they own."""
        owned = [p for m in members for partitions in m.owned.values() for p in partitions]
        self.assertEqual(len(owned), len(set(owned)), "a partition has two owners")
        return len(owned)

    def await_coordinator(self, node, group):
        """A client that can ask for this group: clients, too, ask again where a coordinator is not ready."""
        client = self.group_client(node)
        eventually(f"a coordinator of {group[:40]}", lambda: client.find_coordinator(group) == 0)
        eventually(f"{group[:40]} loaded", lambda: client.fetch_committed(group, "any")[0] == 0)
        return client

    def form(self, *members):
        """Those that have no generation yet join one after the other; the last generation has all, none has synced."""
        here = [m for m in members if m.generation >= 0]
        for newcomer in (m for m in members if m.generation < 0):
            newcomer.begin_join()
            for m in here:
                eventually("a rebalance", lambda m=m: m.heartbeat() == REBALANCING)
                m.begin_join()
            here.append(newcomer)
            self.assertEqual([m.joined() for m in here], [0] * len(here))
        self.assertEqual(len({m.generation for m in members}), 1)
        self.assertEqual([m.leads for m in members].count(True), 1)

    def share_out(self, *members, assignment=b"some"):
        """The leader assigns the same to everybody; all have it."""
        leader = next(m for m in members if m.leads)
        self.assertEqual(leader.sync({m.id: assignment for m in members}), (0, assignment))
        for m in members:
            self.assertEqual(m.sync(), (0, assignment))

    def formed(self, *members):
        self.form(*members)
        self.share_out(*members)
        return members

    def commit_well(self, member, topic, offsets, **options):
        self.assertEqual(member.commit(topic, offsets, **options), dict.fromkeys(offsets, 0))

    def assert_committed(self, client, group, topic, offsets):
        """`offsets` is {partition: offset}, -1 for none."""
        error, found = client.fetch_committed(group, topic, tuple(offsets))
        self.assertEqual(error, 0)
        self.assertEqual({p: offset for p, (offset, _) in found.items()}, offsets)
