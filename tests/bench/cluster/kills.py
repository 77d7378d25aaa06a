"""kill -9 of the node that leads a partition, again and again, the nodes in turn. What is measured is the time from the
kill to the first acknowledgement of a record that was sent after it: by then all that was in flight is settled, too.
Each node is started again, in sync, and leads what it should, before the next one is killed."""

import time

from measuring.table import percentile
from numbered import Numbered, audit
from stage import cluster, say, until

KILLS, QUICK_KILLS = 50, 5
P99_CEILING_MS = 500
PARTITIONS = 3
TOPIC = "numbered"
# So that a node that is back leads again soon, instead of after ten seconds.
BALANCE = {"leader_imbalance_check_interval_seconds": 1}


def settle(stage, stream):
    stage.await_settled(stream.topic)
    stream.await_all_go_on()


def await_next_leader(stage, before, partition):
    """Until another node than the one that is gone says that it leads."""

    def elected(node):
        told = stage.partitions_of(TOPIC, node).get(partition)
        return told and told.leader == node.id and told.epoch > before.epoch

    until(f"{TOPIC}-{partition} has another leader", lambda: any(map(elected, stage.nodes.awake())))


def kill_once(stage, stream, partition):
    """Milliseconds: (to the next acknowledgement, to the next leader)."""
    settle(stage, stream)
    before = stage.partitions_of(TOPIC)[partition]
    node = stage.nodes.nodes[before.leader]
    killed_at = time.monotonic()
    stage.nodes.kill(node)
    await_next_leader(stage, before, partition)
    elected_at = time.monotonic()
    acked_at = stream.await_sent_after(killed_at, partition).acked_at
    stage.nodes.start_again(node)
    return (acked_at - killed_at) * 1000, (elected_at - killed_at) * 1000


def measure(options, table):
    count = QUICK_KILLS if options.quick else KILLS
    with cluster(options, **BALANCE) as stage:
        stage.create_topic(TOPIC, PARTITIONS)
        stream = Numbered(stage.addresses, TOPIC, PARTITIONS)
        stream.start()
        pauses, elections = [], []
        for number in range(count):
            pause, election = kill_once(stage, stream, number % PARTITIONS)
            say(f"kills: {number + 1} of {count}: acknowledged after {pause:.0f} ms, elected after {election:.0f} ms")
            pauses.append(pause)
            elections.append(election)
        settle(stage, stream)
        stream.stop()
        records = audit(stream, stage.addresses)
        report(table, pauses, elections)
        table.at_most(f"  of {records} acknowledged records, lost or doubled", 0, "", 0)


def report(table, pauses, elections):
    table.add(f"kill -9 of a leader, to the next ack, {len(pauses)} times: p50", percentile(pauses, 0.5), "ms")
    table.at_most("  p99", percentile(pauses, 0.99), "ms", P99_CEILING_MS)
    table.add("  longest", max(pauses), "ms")
    table.add("  to the next leader: p50", percentile(elections, 0.5), "ms")
    table.add("  to the next leader: p99", percentile(elections, 0.99), "ms")
