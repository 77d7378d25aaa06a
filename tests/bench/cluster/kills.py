"""kill -9 of the node that leads a partition, again and again, the nodes in turn. What is measured is the time from the
kill to the first acknowledgement of a record that was sent after it: by then all that was in flight is settled, too.
Each node is started again, in sync, and leads what it should, before the next one is killed."""

import time

from measuring.table import percentile
from numbered import Numbered, audit
from stage import cluster, say

KILLS, QUICK_KILLS = 50, 5
P99_CEILING_MS = 500
PARTITIONS = 3
TOPIC = "numbered"
# So that a node that is back leads again soon, instead of after ten seconds.
BALANCE = {"leader_imbalance_check_interval_seconds": 1}


def settle(stage, stream):
    stage.await_settled(stream.topic)
    stream.await_all_go_on()


def kill_once(stage, stream, partition):
    """Milliseconds."""
    settle(stage, stream)
    before = stage.partitions_of(TOPIC)[partition]
    node = stage.nodes.nodes[before.leader]
    killed_at = time.monotonic()
    stage.nodes.kill(node)
    pause = stream.await_sent_after(killed_at, partition).acked_at - killed_at
    after = stage.partitions_of(TOPIC)[partition]
    if after.leader == before.leader or after.epoch <= before.epoch:
        raise RuntimeError(f"the node that was killed did not lead: {before}, then {after}")
    stage.nodes.start_again(node)
    return pause * 1000


def measure(options, table):
    count = QUICK_KILLS if options.quick else KILLS
    with cluster(options, **BALANCE) as stage:
        stage.create_topic(TOPIC, PARTITIONS)
        stream = Numbered(stage.addresses, TOPIC, PARTITIONS)
        stream.start()
        took = []
        for number in range(count):
            took.append(kill_once(stage, stream, number % PARTITIONS))
            say(f"kills: {number + 1} of {count}: {took[-1]:.0f} ms")
        settle(stage, stream)
        stream.stop()
        records = audit(stream, stage.addresses)
        report(table, took)
        table.at_most(f"  of {records} acknowledged records, lost or doubled", 0, "", 0)


def report(table, took):
    table.add(f"kill -9 of a leader, to the next ack, {len(took)} times: p50", percentile(took, 0.5), "ms")
    table.at_most("  p99", percentile(took, 0.99), "ms", P99_CEILING_MS)
    table.add("  longest", max(took), "ms")
