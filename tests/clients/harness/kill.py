"""kill -9 while a client writes: nothing acknowledged is lost, nothing is out of order or, if idempotent, doubled.

The writer numbers its records 0..COUNT-1, record i into partition i modulo PARTITIONS, value "<i>:" and padding.
The broker is killed whenever another quarter has been acknowledged and started again on the same port and data.
"""

from .client import Unsupported
from .context import expect

COUNT = 30_000
PARTITIONS = 3
KILLS = 3
VALUE_BYTES = 200


def plain(ctx):
    """At least once: records may be doubled by a retry, but keep the order of their first appearance."""
    acked = write_through_kills(ctx, "kill-plain", idempotent=False)
    for partition in range(PARTITIONS):
        ids = read_ids(ctx, "kill-plain", partition)
        expect_acked(acked, partition, ids)
        expect_sorted(list(dict.fromkeys(ids)), partition)


def idempotent(ctx):
    """Exactly once: no id twice, and their order is the order of writing."""
    acked = write_through_kills(ctx, "kill-idempotent", idempotent=True)
    for partition in range(PARTITIONS):
        ids = read_ids(ctx, "kill-idempotent", partition)
        expect_acked(acked, partition, ids)
        expect(
            len(set(ids)) == len(ids),
            f"partition {partition}: {len(ids) - len(set(ids))} records are doubled",
        )
        expect_sorted(ids, partition)


def write_through_kills(ctx, topic, idempotent):
    """Returns the acknowledgements as {(id, partition): offset or None}."""
    ctx.topic(topic)
    acked = {}
    kills = 0

    def on_acked(rows):
        nonlocal kills
        for record_id, partition, offset in rows:
            acked[record_id, partition] = offset
        if kills < KILLS and len(acked) >= COUNT * (kills + 1) // (KILLS + 1):
            ctx.broker.kill_leader(topic, kills % PARTITIONS)
            kills += 1
            ctx.broker.start()

    fields = {
        "topic": topic,
        "count": COUNT,
        "partitions": PARTITIONS,
        "size": VALUE_BYTES,
        "idempotent": idempotent,
    }
    try:
        ctx.client.call("write", on_acked=on_acked, **fields)
    except Unsupported:
        expect(not acked, "the client gave up in the middle")
        raise
    ctx.await_leaders(topic, PARTITIONS)
    expect(kills == KILLS, f"only {kills} kills happened: {len(acked)} of {COUNT} records acknowledged")
    expect(len(acked) == COUNT, f"{COUNT - len(acked)} of {COUNT} records were never acknowledged")
    return acked


def read_ids(ctx, topic, partition):
    end = ctx.offset(topic, partition, "latest")
    rows = ctx.consume(topic, partition, {"beginning": True}, end)
    expect(
        [row["offset"] for row in rows] == list(range(end)), f"partition {partition}: offsets are not dense"
    )
    expect(
        all(len(row["value"]) == VALUE_BYTES for row in rows),
        f"partition {partition}: a value has lost bytes",
    )
    return [int(row["value"].split(b":")[0]) for row in rows]


def expect_acked(acked, partition, ids):
    present = set(ids)
    for (record_id, where), offset in acked.items():
        if where != partition:
            continue
        expect(record_id in present, f"partition {partition}: acknowledged record {record_id} is missing")
        if offset is not None:
            found = ids[offset] if offset < len(ids) else "nothing"
            expect(
                found == record_id,
                f"partition {partition} offset {offset}: record {found}, acknowledged {record_id}",
            )


def expect_sorted(ids, partition):
    for left, right in zip(ids, ids[1:]):
        expect(left < right, f"partition {partition}: record {right} stands after {left}")
