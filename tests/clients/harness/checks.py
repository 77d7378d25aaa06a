"""The checks, in the order of the table. Each makes its own topics, so that one failure does not cause the next.

A check is a function of a Context; it raises AssertionError, and lets ClientFailed and Unsupported pass.
"""

import re

from . import compaction, kill
from . import records as rec
from .client import ClientFailed, Unsupported
from .context import eventually, expect
from .segments import CODECS, read_batches

# Below this size a client may keep a batch uncompressed because compression makes it larger.
SMALL_BATCH_BYTES = 300
TWICE = [("n", b"1"), ("n", b"2"), ("m", b"3")]
DAY_MS = 24 * 3600 * 1000
DEFAULT_RETENTION_MS = str(7 * DAY_MS)
DEFAULT_MAX_MESSAGE_BYTES = "1048588"


def create_topic(ctx):
    configs = {"retention.ms": str(DAY_MS), "max.message.bytes": "2000000"}
    topic = ctx.topic("created", partitions=4, configs=configs)
    eventually("partitions", lambda: ctx.partitions(topic), lambda count: count == 4)
    wanted = configs.items()
    eventually("configs", lambda: ctx.configs("topic", topic), lambda now: wanted <= now.items())


def round_trip(codec):
    def check(ctx):
        topic = ctx.topic(f"codec-{codec}")
        rows = rec.make_records(seed=codec)
        ctx.produce(topic, rows, codec=codec)
        ctx.expect_stored(topic, rows)
        batches = [
            batch
            for partition in range(3)
            for batch in read_batches(ctx.broker.data_of(topic, partition), topic, partition)
        ]
        expect(batches, "no batch found in the data folder")
        odd = [b for b in batches if b.codec != codec and (b.codec != "none" or b.size > SMALL_BATCH_BYTES)]
        expect(not odd, f"{len(odd)} of {len(batches)} batches were not {codec}: first {odd[:1]}")
        expect(any(b.codec == codec for b in batches), f"no batch was {codec}")

    return check


def oddities(label, *odd):
    """Records of a kind that not every library can write."""

    def check(ctx):
        topic = ctx.topic(label)
        usual = rec.make_records(seed=label, small=0, sizes=[])
        rows = [dict(row, **changed, partition=0) for row, changed in zip(usual, odd)]
        ctx.produce(topic, rows)
        ctx.expect_stored(topic, rows)

    return check


def idempotent(ctx):
    topic = ctx.topic("idempotent")
    rows = rec.make_records(seed="idempotent", sizes=[1, 1000])
    ctx.produce(topic, rows, idempotent=True)
    ctx.expect_stored(topic, rows)
    for partition in range(3):
        batches = read_batches(ctx.broker.data_of(topic, partition), topic, partition)
        expect(
            batches and all(b.producer_id >= 0 and b.producer_epoch >= 0 for b in batches),
            "no producer id sent",
        )
        next_sequences = {}
        for batch in batches:
            wanted = next_sequences.get(batch.producer_id, 0)
            expect(batch.base_sequence == wanted, f"sequence {batch.base_sequence}, not {wanted}")
            next_sequences[batch.producer_id] = wanted + batch.records


def written(ctx, label):
    """A new topic with small records and their real timestamps, which not every client can set."""
    topic = ctx.topic(label)
    rows = rec.make_records(seed=label, small=60, sizes=[])
    ctx.produce(topic, rows)
    if not ctx.sets_timestamps:
        for partition in range(3):
            mine = rec.of_partition(rows, partition)
            for row, found in zip(mine, ctx.consume(topic, partition, {"beginning": True}, len(mine))):
                row["timestamp"] = found["timestamp"]
    return topic, [rec.of_partition(rows, partition) for partition in range(3)]


def from_offset(ctx):
    topic, rows = written(ctx, "from-offset")
    for partition, mine in enumerate(rows):
        for start in (1, len(mine) // 2, len(mine) - 1):
            found = ctx.consume(topic, partition, {"offset": start}, len(mine))
            wrong = rec.difference(mine[start:], found, with_timestamps=True)
            expect(wrong is None, f"{topic}-{partition} from {start}: {wrong}")
            expect(found[0]["offset"] == start, f"asked for offset {start}, got {found[0]['offset']}")


def from_time(ctx):
    topic, rows = written(ctx, "from-time")
    for partition, mine in enumerate(rows):
        time = mine[len(mine) // 2]["timestamp"]
        wanted = [row for row in mine if row["timestamp"] >= time]
        found = ctx.consume(topic, partition, {"time": time}, len(mine))
        wrong = rec.difference(wanted, found, with_timestamps=True)
        expect(wrong is None, f"{topic}-{partition} from time {time}: {wrong}")


def list_offsets(ctx):
    topic, rows = written(ctx, "list-offsets")
    for partition, mine in enumerate(rows):
        times = [row["timestamp"] for row in mine]
        asked = {"earliest": [0], "latest": [len(mine)], times[0] - 1: [0]}
        asked[times[7]] = [times.index(times[7])]
        asked[times[7] - 1] = [next(i for i, t in enumerate(times) if t >= times[7] - 1)]
        # Some clients turn "no such record" into the end of the log.
        asked[times[-1] + 1] = [None, len(mine)]
        for spec, wanted in asked.items():
            found = ctx.offset(topic, partition, spec)
            expect(found in wanted, f"{topic}-{partition} {spec}: offset {found}, not {wanted[0]}")


def expect_configs(ctx, topic, wanted):
    now = eventually("configs", lambda: ctx.configs("topic", topic), lambda now: wanted.items() <= now.items())
    expect(len(now) > len(wanted), f"describe returned only {sorted(now)}")


def alter_configs(ctx):
    topic = ctx.topic("incremental", configs={"max.message.bytes": "2000000"})
    ctx.alter_configs("topic", topic, {"retention.ms": "1000000"})
    expect_configs(ctx, topic, {"retention.ms": "1000000", "max.message.bytes": "2000000"})
    ctx.alter_configs("topic", topic, {"retention.ms": None})
    expect_configs(ctx, topic, {"retention.ms": DEFAULT_RETENTION_MS, "max.message.bytes": "2000000"})


def copy_configs(ctx):
    """What one topic shows can be set on another, all of it, as MirrorMaker 2 does."""
    odd = {
        "cleanup.policy": "",
        "compression.zstd.level": "19",
        "follower.replication.throttled.replicas": "*",
        "leader.replication.throttled.replicas": "0:1,1:1",
        "local.retention.bytes": "7",
        "remote.copy.lag.ms": "1",
        "retention.bytes": "-7",
    }
    source, target = ctx.topic("config-source", configs=odd), ctx.topic("config-target")
    shown = eventually("configs", lambda: ctx.configs("topic", source), lambda now: odd.items() <= now.items())
    ctx.alter_configs("topic", target, shown)
    eventually("configs", lambda: ctx.configs("topic", target), lambda now: now == shown)


def alter_configs_legacy(ctx):
    """AlterConfigs replaces the whole set; a client that answers "merges" resends what it does not change."""
    topic = ctx.topic("legacy", configs={"max.message.bytes": "2000000"})
    answer = ctx.alter_configs("topic", topic, {"retention.ms": "1000000"}, incremental=False)
    size = "2000000" if answer == "merges" else DEFAULT_MAX_MESSAGE_BYTES
    expect_configs(ctx, topic, {"retention.ms": "1000000", "max.message.bytes": size})


def create_partitions(ctx):
    topic = ctx.topic("grown", partitions=1)
    rows = rec.make_records(seed=topic, small=5, sizes=[], partitions=1)
    ctx.produce(topic, rows)
    ctx.client.call("create_partitions", topic=topic, total=3)
    eventually("partitions", lambda: ctx.partitions(topic), lambda count: count == 3)
    more = rec.make_records(seed="more", small=5, sizes=[], partitions=2)
    more = [dict(row, partition=row["partition"] + 1) for row in more]
    ctx.produce(topic, more)
    ctx.expect_stored(topic, rows + more)


def delete_records(ctx):
    topic, rows = written(ctx, "delete-records")
    ctx.client.call("delete_records", topic=topic, partition=0, before=5)
    expect(ctx.offset(topic, 0, "earliest") == 5, "the earliest offset did not move to 5")
    expect(ctx.offset(topic, 1, "earliest") == 0, "another partition lost records")
    found = ctx.consume(topic, 0, {"beginning": True}, len(rows[0]))
    wrong = rec.difference(rows[0][5:], found, with_timestamps=True)
    expect(wrong is None, wrong)


def delete_topic(ctx):
    topic, _ = written(ctx, "deleted")
    ctx.client.call("delete_topic", topic=topic)
    eventually("topics", lambda: ctx.client.call("list_topics"), lambda names: topic not in names)
    ctx.topic(topic)
    rows = rec.make_records(seed="again", small=0, sizes=[])
    ctx.produce(topic, rows)
    ctx.expect_stored(topic, rows)


TRANSACTIONS = ["init_transactions", "describe_transactions", "list_transactions", "fence_producers"]


def transactions(ctx):
    """They may be had or not: what a library asks for is answered, or refused so that it gives up and says so."""
    offered = 0
    for operation in TRANSACTIONS:
        try:
            ctx.client.call(operation, id="tx")
        except Unsupported:
            continue
        except ClientFailed as refused:
            gave_up = re.search(r"time.?d?.?out|retries|failed \d+ times", str(refused), re.IGNORECASE) is None
            expect(gave_up, f"{operation}: asked until its time was over: {refused}")
        offered += 1
    if not offered:
        raise Unsupported("the library has no transactions")


def restart(ctx):
    topic = ctx.topic("restart")
    rows = rec.make_records(seed="restart", sizes=[1, 100_000])
    ctx.produce(topic, rows)
    stop(ctx)
    ctx.broker.start()
    ctx.await_leaders(topic)
    ctx.expect_stored(topic, rows)


def stop(ctx):
    code = ctx.broker.stop()
    # A JVM reports a handled SIGTERM as 128 + 15.
    expect(code in (0, 143), f"SIGTERM ended the broker with code {code}")


CHECKS = {
    "create topic": create_topic,
    **{f"produce, consume: {codec}": round_trip(codec) for codec in CODECS},
    "headers: twice, utf-8": oddities(
        "odd-headers", {"headers": TWICE}, {"headers": [("\u00f1and\u00fa", b"v")]}
    ),
    "headers: null value": oddities("null-headers", {"headers": [("n", None)]}),
    "null key and null value": oddities("null-pairs", {"key": None, "value": None}, {}),
    "idempotent produce": idempotent,
    "consume from offset": from_offset,
    "consume from time": from_time,
    "list offsets": list_offsets,
    "alter configs, incremental": alter_configs,
    "alter configs, whole set": alter_configs_legacy,
    "copy configs": copy_configs,
    "create partitions": create_partitions,
    "delete records": delete_records,
    "delete topic": delete_topic,
    "transactions": transactions,
    "compacted topic": compaction.plain,
    "compacted topic, idempotent": compaction.idempotent,
    "stop and start": restart,
    "kill -9": kill.plain,
    "kill -9, idempotent": kill.idempotent,
}
