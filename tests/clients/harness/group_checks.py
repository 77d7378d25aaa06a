"""The checks of consumer groups; each has a topic and a group of its own, and records flow while members change."""

import time

from . import group_admin_checks
from .client import Unsupported
from .clients import COOPERATIVE_STICKY
from .context import expect
from .feed import CHUNK, PARTITIONS, write_chunk
from .group import ALL, SHORT_SESSION_MS, Group

CLASSIC = {"protocol": "classic"}
COOPERATIVE = {"protocol": "classic", "assignor": COOPERATIVE_STICKY}
KIP_848 = {"protocol": "consumer"}
# Partners for a group of several libraries; each has two others. Those of KIP-848 have each other.
PARTNERS = ["confluent", "java", "kafka-python"]
PARTNERS_OF_KIP_848 = ["confluent", "java"]


def members_change(label, **fields):
    """Two join, a third joins, the second leaves: each record is read once."""

    def check(ctx):
        with Group(ctx, label, **fields) as group:
            feed = group.feed()
            try:
                first, second = group.join(), group.join()
                group.await_balanced(first, second)
                group.await_reading(first, second)
                third = group.join()
                group.await_balanced(first, second, third)
                group.await_reading(first, second, third)
                group.leave(second, feed)
                group.await_balanced(first, third)
                group.await_reading(first, third)
            finally:
                feed.stop()
            group.await_all_read()
            first.leave()
            third.leave()
            group.expect_exactly_once()
            group.expect_one_owner_at_a_time()

    return check


def member_killed(label, **fields):
    def check(ctx):
        with Group(ctx, label, session_ms=SHORT_SESSION_MS, **fields) as group:
            feed = group.feed()
            try:
                first, second = group.join(), group.join()
                group.await_balanced(first, second)
                group.await_reading(first, second)
                killed_at = time.monotonic()
                first.kill()
                group.await_balanced(second)
                group.await_reading(second)
            finally:
                feed.stop()
            group.await_all_read()
            second.leave()
            group.expect_doubled_only_after_commits(before=killed_at)
            group.expect_one_owner_at_a_time()

    return check


def static_member(label, end, **fields):
    """`end` says how the member goes; under its name a new process gets back what it had, and nobody else notices."""

    def check(ctx):
        with Group(ctx, label, **fields) as group:
            feed = group.feed()
            try:
                first, other = group.join(instance="one"), group.join(instance="two")
                group.await_balanced(first, other)
                group.await_reading(first, other)
                had, others_had, others_changes = first.owns(), other.owns(), len(other.owned)
                ended_at = time.monotonic()
                end(first)
                again = group.join(instance="one")
                group.wait("the static member has its partitions back", lambda: again.owns() == had)
                group.await_reading(again, other)
                # In a rebalance it gives up what it has, in between at least; a library may tell the same once more.
                changes = [change for change in other.owned[others_changes:] if change[1] != others_had]
                expect(not changes, f"the other member was rebalanced: {changes}")
            finally:
                feed.stop()
            group.await_all_read()
            group.expect_doubled_only_after_commits(before=ended_at)

    return check


def resume_after_stop(label, **fields):
    """A second process begins exactly where the first one, which left in good order, had ended."""

    def check(ctx):
        with Group(ctx, label, **fields) as group:
            first = group.join()
            group.await_all_read()
            first.leave()
            write_chunk(ctx, group.topic)
            second = group.join()
            ends = group.await_all_read()
            second.leave()
            group.expect_exactly_once()
            expect(len(second.reads) == sum(ends) - len(first.reads), "the second process read something else")

    return check


def resume_at_commit(label, **fields):
    """What was read but not committed is read again, and nothing else."""
    limit = 4

    def check(ctx):
        with Group(ctx, label, **fields) as group:
            first = group.join(commit_below=limit)
            ends = group.await_all_read()
            expect(min(ends) > limit, f"too few records written: {ends}")
            group.wait("the commits", lambda: first.committed() == dict.fromkeys(ALL, limit))
            first.leave()
            second = group.join()
            wanted = {(partition, offset) for partition in ALL for offset in range(limit, ends[partition])}
            group.wait("the rest is read", lambda: wanted <= set(second.reads))
            second.leave()
            expect(set(second.reads) == wanted, f"read {sorted(set(second.reads) - wanted)[:5]} before the commit")

    return check


def shared_by_libraries(label, partners, **fields):
    """This library and up to two others, all with the same protocol and assignor."""

    def check(ctx):
        others = [name for name in partners if name != ctx.name and name in ctx.commands][:2]
        if not others:
            raise Unsupported("no other library is installed")
        with Group(ctx, label, **fields) as group:
            feed = group.feed()
            try:
                members = [group.join()]
                group.await_balanced(*members)
                for name in others:
                    members.append(group.join(command=name))
                    group.await_balanced(*members)
                group.await_reading(*members)
                # Of a classic group another library must take over the lead.
                group.leave(members.pop(0), feed)
                group.await_balanced(*members)
                group.await_reading(*members)
            finally:
                feed.stop()
            group.await_all_read()
            for member in members:
                member.leave()
            group.expect_exactly_once()
            group.expect_one_owner_at_a_time()

    return check


def topics_by_pattern(label, **fields):
    """One member reads what matches, also a topic that comes later; the group's own topic does not match. It is for the
    broker to say so: librdkafka's own regular expressions know no such class of digits."""

    def check(ctx):
        with Group(ctx, label, **fields) as group:

            def filled(number):
                """A topic that matches; returns its records as the member tells them."""
                topic = ctx.topic(f"{group.topic}-{number}")
                write_chunk(ctx, topic)
                return {(f"{topic}-{p}", offset) for p in ALL for offset in range(CHUNK // PARTITIONS)}

            def await_read(what):
                group.wait(what, lambda: wanted <= set(member.reads))

            wanted = filled(1) | filled(2)
            member = group.join(pattern=rf"^{group.topic}-\d+$")
            await_read("both topics are read")
            write_chunk(ctx, group.topic)
            wanted |= filled(3)
            await_read("the topic that came later is read")
            member.leave()
            expect(set(member.reads) == wanted, f"read {sorted(set(member.reads) - wanted)[:5]} of other topics")
            owned = {p for _, partitions in member.owned for p in partitions}
            expect(owned == {p for p, _ in wanted}, f"owned {sorted(owned)}")
            group.expect_exactly_once()

    return check


def node_killed(label, **fields):
    """kill -9 of the node: its members find their group again on the same port, and nothing is skipped."""

    def check(ctx):
        with Group(ctx, label, **fields) as group:
            feed = group.feed()
            try:
                first, second = group.join(), group.join()
                group.await_balanced(first, second)
                group.await_reading(first, second)
                killed_at = time.monotonic()
                ctx.broker.kill_coordinator(group.name)
                ctx.broker.start()
                group.await_balanced(first, second)
                group.await_reading(first, second)
            finally:
                feed.stop()
            ctx.await_leaders(group.topic, PARTITIONS)
            group.await_all_read()
            first.leave()
            second.leave()
            group.expect_doubled_only_after_commits(before=killed_at)

    return check


def rolling(label, before, after):
    """Members of one protocol are replaced one by one by such of the other, and the group stays one group."""

    def check(ctx):
        with Group(ctx, label) as group:
            feed = group.feed()
            try:
                first, second = group.join(**before), group.join(**before)
                group.await_balanced(first, second)
                group.await_reading(first, second)
                third = group.join(**after)
                group.await_balanced(first, second, third)
                group.await_reading(first, second, third)
                group.leave(first, feed)
                fourth = group.join(**after)
                group.await_balanced(second, third, fourth)
                group.leave(second, feed)
                group.await_balanced(third, fourth)
                group.await_reading(third, fourth)
            finally:
                feed.stop()
            group.await_all_read()
            third.leave()
            fourth.leave()
            group.expect_exactly_once()
            group.expect_one_owner_at_a_time()

    return check


def of_protocol(title, label, fields, end_of_static):
    """The checks that exist for both protocols."""
    return {
        f"{title}: join, join, leave": members_change(f"{label}-change", **fields),
        f"{title}: a member is killed": member_killed(f"{label}-kill", **fields),
        f"{title}: a static member restarts": static_member(f"{label}-static", end_of_static, **fields),
        f"{title}: resume after a stop": resume_after_stop(f"{label}-stop", **fields),
        f"{title}: resume at the last commit": resume_at_commit(f"{label}-commit", **fields),
        f"{title}: the node is killed": node_killed(f"{label}-node-kill", **fields),
        **group_admin_checks.of_protocol(title, label, fields),
    }


GROUP_CHECKS = {
    **of_protocol("group", "classic", CLASSIC, end_of_static=lambda member: member.kill()),
    "group: join, join, leave, cooperative": members_change("cooperative", **COOPERATIVE),
    "group: shared by libraries": shared_by_libraries("libraries", PARTNERS, assignor="range"),
    # A static member of this protocol is replaced only after it has said that it will be back.
    "group: rolling upgrade to KIP-848": rolling("rolling-upgrade", CLASSIC, KIP_848),
    "group: rolling upgrade to KIP-848, cooperative": rolling("cooperative-upgrade", COOPERATIVE, KIP_848),
    "group: rolling downgrade from KIP-848": rolling("rolling-downgrade", KIP_848, CLASSIC),
    **of_protocol("group, KIP-848", "kip-848", KIP_848, end_of_static=lambda member: member.leave()),
    "group, KIP-848: shared by libraries": shared_by_libraries("kip-848-libraries", PARTNERS_OF_KIP_848, **KIP_848),
    "group, KIP-848: topics by a pattern": topics_by_pattern("kip-848-pattern", **KIP_848),
    "group, KIP-848: configs": group_admin_checks.configs,
}
