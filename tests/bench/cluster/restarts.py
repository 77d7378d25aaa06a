"""SIGTERM of the node that leads a partition: it hands over what it leads before it ends, so there need not be a gap at
all. What is measured is the longest time without an acknowledgement from the signal to the first one of a record that
was sent after the node's end."""

import time

import kills
from measuring.table import percentile
from numbered import Numbered, audit
from stage import cluster, say

RESTARTS, QUICK_RESTARTS = 20, 3


def restart_once(stage, stream, partition):
    """Milliseconds: (longest pause, from the signal to the end of the process)."""
    kills.settle(stage, stream)
    node = stage.nodes.nodes[stage.partitions_of(stream.topic)[partition].leader]
    told_at = time.monotonic()
    code = stage.nodes.terminate(node)
    ended_at = time.monotonic()
    if code != 0:
        raise RuntimeError(f"SIGTERM ended node {node.id} with code {code}: see {node.log_file}")
    last = stream.await_sent_after(ended_at, partition)
    pause = stream.longest_pause(told_at, last.acked_at, partition)
    stage.nodes.start_again(node)
    return pause * 1000, (ended_at - told_at) * 1000


def measure(options, table):
    count = QUICK_RESTARTS if options.quick else RESTARTS
    with cluster(options, **kills.BALANCE) as stage:
        stage.create_topic(kills.TOPIC, kills.PARTITIONS)
        stream = Numbered(stage.addresses, kills.TOPIC, kills.PARTITIONS)
        stream.start()
        pauses, ends = [], []
        for number in range(count):
            pause, end = restart_once(stage, stream, number % kills.PARTITIONS)
            say(f"restarts: {number + 1} of {count}: pause {pause:.0f} ms, ended after {end:.0f} ms")
            pauses.append(pause)
            ends.append(end)
        kills.settle(stage, stream)
        stream.stop()
        records = audit(stream, stage.addresses)
        report(table, pauses, ends, stream.sent_again() / count)
        table.at_most(f"  of {records} acknowledged records, lost or doubled", 0, "", 0)


def report(table, pauses, ends, sent_again):
    table.add(f"SIGTERM of a leader, longest pause, {len(pauses)} times: p50", percentile(pauses, 0.5), "ms")
    table.add("  p99", percentile(pauses, 0.99), "ms")
    table.add("  SIGTERM to the end of the process: p50", percentile(ends, 0.5), "ms")
    table.add("  records that the client sent again", sent_again, "each")
