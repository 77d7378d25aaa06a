"""One consumer group of a check: its topic, its members, and what must hold about what they read."""

import collections

from .clients import COOPERATIVE_STICKY
from .configs import GROUP, set_configs
from .context import expect, waiting_for
from .feed import PARTITIONS, Feed, write_chunk

ALL = set(range(PARTITIONS))
SESSION, HEARTBEAT = "consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"
# Three in the shortest session. Not shorter: librdkafka's heartbeats give up partitions while the callback that commits
# them still runs. With 500 ms one run in three against Kafka itself showed two owners for as long as a commit takes.
HEARTBEAT_MS = 2_000
# For what comes when a session ends: the shortest that brokers allow members of the classic protocol by default.
SHORT_SESSION_MS = 6_000
# Members of KIP-848 do not ask for a session: it is a config of their group. It is long, for nobody is to be given up
# because the machine is busy. Assignor null is the library's default.
DEFAULTS = {
    "pattern": None,
    "protocol": "classic",
    "assignor": None,
    "instance": None,
    "commit_below": None,
    "session_ms": 30_000,
}


class Group:
    """Use it in a `with`: whatever happens, no member outlives the check."""

    def __init__(self, ctx, label, **fields):
        self.ctx = ctx
        self.name = self.topic = ctx.topic(f"group-{label}", partitions=PARTITIONS)
        self.members = []
        self.fields_ = {**DEFAULTS, **fields}
        # A client without an admin makes the topic by writing to it.
        write_chunk(ctx, self.topic)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.discard()

    def feed(self):
        return Feed(self.ctx, self.topic)

    def join(self, command=None, **fields):
        """A new member; of another client library if `command` names it."""
        label = f"{len(self.members)} of {self.name}"
        fields = {**self.fields_, **fields, "topic": self.topic, "group": self.name}
        if fields["protocol"] == "consumer":
            timing = {SESSION: fields["session_ms"], HEARTBEAT: HEARTBEAT_MS}
            set_configs(self.ctx.broker.port, GROUP, self.name, timing)
        member = self.ctx.member(label, command, **fields)
        self.members.append(member)
        return member

    def leave(self, member, feed):
        """While records flow, unless that member would lose what comes while it leaves."""
        if not member.drops_at_end:
            return member.leave()
        feed.pause()
        try:
            self.await_all_read()
            member.leave()
        finally:
            feed.resume()

    def wait(self, what, condition):
        """Until condition() holds; a member that ends meanwhile fails the check at once."""

        def look():
            for member in self.members:
                member.check()
            return condition()

        waiting_for(f"{what}: {self.name}", look, self.describe)

    def describe(self):
        return "; ".join(f"{member.name}: {sorted(member.owns())}, {member.troubles()}" for member in self.members)

    def await_balanced(self, *members):
        """Each has at least one partition, all together have each exactly once."""
        wanted = sorted(ALL)
        self.wait(
            f"{len(members)} members share the partitions",
            lambda: sorted(p for m in members for p in m.owns()) == wanted and all(m.owns() for m in members),
        )

    def await_reading(self, *members):
        """Each reads something new."""
        before = {member: len(member.reads) for member in members}
        self.wait("every member reads", lambda: all(len(m.reads) > count for m, count in before.items()))

    def await_all_read(self):
        """Until all that is in the log was read by somebody; returns the ends of the partitions."""
        ends = [self.ctx.offset(self.topic, partition, "latest") for partition in sorted(ALL)]
        wanted = {(partition, offset) for partition, end in enumerate(ends) for offset in range(end)}
        self.wait("all records are read", lambda: wanted <= self.read_by_any())
        expect(self.read_by_any() == wanted, "a record was read that is not in the log")
        return ends

    def read_by_any(self):
        return {read for member in self.members for read in list(member.reads)}

    def doubled(self):
        """What was read more than once; not counted for a library that cannot do better."""
        if self.ctx.repeats is True or self.ctx.repeats == self.fields_["assignor"]:
            return []
        times = collections.Counter(read for member in self.members for read in member.reads)
        return sorted(read for read, count in times.items() if count > 1)

    def expect_exactly_once(self):
        doubled = self.doubled()
        expect(not doubled, f"{len(doubled)} records were read twice: {doubled[:5]}; {self.describe()}")

    def expect_doubled_only_after_commits(self, before):
        """What was committed before that time is not read again."""
        committed = {}
        for member in self.members:
            for partition, offset in member.committed(before).items():
                committed[partition] = max(offset, committed.get(partition, 0))
        wrong = [(p, offset) for p, offset in self.doubled() if offset < committed.get(p, 0)]
        expect(not wrong, f"{len(wrong)} records read again though committed: {wrong[:5]}, commits {committed}")

    def expect_one_owner_at_a_time(self):
        """Not where members hand partitions over among themselves and the library tells of that later than it does it."""
        if self.ctx.repeats is True and self.fields_["assignor"] == COOPERATIVE_STICKY:
            return
        for partition in ALL:
            spans = sorted(span for member in self.members for span in ownership(member, partition))
            for (_, end, first, blur), (start, _, second, _) in zip(spans, spans[1:]):
                expect(
                    start >= end - blur,
                    f"{self.topic}-{partition}: {second} had it {end - start:.3f} s before {first} gave it up; "
                    + self.describe(),
                )


def ownership(member, partition):
    """(start, end, name, blur) of each time that the member had the partition."""
    since = None
    for at, owned in member.owned:
        if partition in owned and since is None:
            since = at
        elif partition not in owned and since is not None:
            yield since, at, member.name, member.blur
            since = None
    if since is not None:
        yield since, member.ended_at or float("inf"), member.name, member.blur
