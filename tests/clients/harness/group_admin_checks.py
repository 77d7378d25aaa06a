"""What the libraries' admin clients see and do of groups: their members, committed offsets and the lag."""

from .client import ClientFailed
from .context import eventually, expect
from .feed import CHUNK, write_chunk
from .group import ALL, HEARTBEAT, SESSION, Group


def described(ctx, group, members):
    """Waits until the group is seen with so many members; libraries spell its state differently."""
    state = "stable" if members else "empty"
    eventually(
        f"{members} members, {state}",
        lambda: ctx.client.call("describe_group", group=group.name),
        lambda found: found["members"] == members and found["state"].lower() == state,
    )


def offsets(ctx, group):
    return dict(ctx.client.call("group_offsets", group=group.name, topic=group.topic))


def read_all_and_leave(ctx, group):
    """Returns the ends of the partitions, which are then the committed offsets."""
    ctx.client.call("list_groups")  # for the clients that have none of this, before anything is started
    member = group.join()
    ends = group.await_all_read()
    member.leave()
    return dict(enumerate(ends))


def refused(ctx, op, **fields):
    try:
        ctx.client.call(op, **fields)
    except ClientFailed:
        return
    expect(False, f"{op} was not refused while the group has a member")


def list_and_describe(label, **fields):
    def check(ctx):
        ctx.client.call("list_groups")
        with Group(ctx, label, **fields) as group:
            first = group.join()
            group.await_balanced(first)
            expect(group.name in ctx.client.call("list_groups"), "the group is not listed")
            described(ctx, group, members=1)
            second = group.join()
            group.await_balanced(first, second)
            described(ctx, group, members=2)
            first.leave()
            second.leave()
            described(ctx, group, members=0)

    return check


def offsets_and_lag(label, **fields):
    def check(ctx):
        with Group(ctx, label, **fields) as group:
            ends = read_all_and_leave(ctx, group)
            expect(offsets(ctx, group) == ends, f"committed {offsets(ctx, group)}, read {ends}")
            write_chunk(ctx, group.topic)
            committed = offsets(ctx, group)
            lag = sum(ctx.offset(group.topic, p, "latest") - committed[p] for p in ALL)
            expect(lag == CHUNK, f"lag {lag}, {CHUNK} records written")

    return check


def alter_offsets(label, **fields):
    def check(ctx):
        with Group(ctx, label, **fields) as group:
            ends = read_all_and_leave(ctx, group)
            wanted = {0: 3, 1: 5, 2: ends[2]}
            altered = {"group": group.name, "topic": group.topic, "offsets": [[0, 3], [1, 5]]}
            ctx.client.call("alter_group_offsets", **altered)
            expect(offsets(ctx, group) == wanted, f"committed {offsets(ctx, group)}, set to {wanted}")
            member = group.join()
            rest = {(p, offset) for p in ALL for offset in range(wanted[p], ends[p])}
            group.wait("what is behind the new offsets", lambda: rest <= set(member.reads))
            member.leave()
            expect(set(member.reads) == rest, f"read {sorted(set(member.reads) - rest)[:5]} before the new offsets")

    return check


def delete_offsets(label, **fields):
    def check(ctx):
        with Group(ctx, label, **fields) as group:
            ends = read_all_and_leave(ctx, group)
            deleted = {"group": group.name, "topic": group.topic, "partitions": [1]}
            member = group.join()
            group.await_balanced(member)
            refused(ctx, "delete_group_offsets", **deleted)
            member.leave()
            ctx.client.call("delete_group_offsets", **deleted)
            wanted = {0: ends[0], 2: ends[2]}
            expect(offsets(ctx, group) == wanted, f"committed {offsets(ctx, group)}, left {wanted}")

    return check


def delete_group(label, **fields):
    def check(ctx):
        ctx.client.call("list_groups")
        with Group(ctx, label, **fields) as group:
            member = group.join()
            group.await_balanced(member)
            refused(ctx, "delete_group", group=group.name)
            group.await_all_read()
            member.leave()
            ctx.client.call("delete_group", group=group.name)
            eventually("groups", lambda: ctx.client.call("list_groups"), lambda names: group.name not in names)
            again = group.join()
            ends = group.await_all_read()
            group.wait("everything is read again", lambda: len(set(again.reads)) == sum(ends))
            again.leave()

    return check


def configs(ctx):
    """What a group sets itself is there before the group is, after a kill of the node, and until it is unset."""
    group = "group-configs"

    def expect_now(session, heartbeat):
        wanted = {SESSION: session, HEARTBEAT: heartbeat}
        eventually("configs", lambda: ctx.configs("group", group), lambda now: wanted.items() <= now.items())

    def expect_refused(changes):
        try:
            ctx.alter_configs("group", group, changes)
        except ClientFailed:
            return
        expect(False, f"{changes} was not refused")

    expect_now("45000", "5000")
    ctx.alter_configs("group", group, {SESSION: "50000"})
    ctx.alter_configs("group", group, {HEARTBEAT: "6000"})
    expect_now("50000", "6000")
    expect_refused({SESSION: "60001"})
    expect_refused({"retention.ms": "1000"})
    expect_refused({SESSION: "6000"})  # no time for a heartbeat in between
    expect_now("50000", "6000")
    ctx.broker.kill()
    ctx.broker.start()
    expect_now("50000", "6000")
    ctx.alter_configs("group", group, {SESSION: None})
    expect_now("45000", "6000")


def of_protocol(title, label, fields):
    return {
        f"{title}: list, describe": list_and_describe(f"{label}-describe", **fields),
        f"{title}: committed offsets and lag": offsets_and_lag(f"{label}-lag", **fields),
        f"{title}: alter offsets": alter_offsets(f"{label}-alter", **fields),
        f"{title}: delete offsets": delete_offsets(f"{label}-forget", **fields),
        f"{title}: delete": delete_group(f"{label}-delete", **fields),
    }
