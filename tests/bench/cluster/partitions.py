"""Many partitions: how long until they are there, what they cost while nobody uses them, and a start with all of them
after kill -9."""

import time
from statistics import median

import rest
from stage import cluster, say, until

PARTITIONS, QUICK_PARTITIONS = 1000, 100
KILLS, QUICK_KILLS = 3, 1
IDLE_CPU_CEILING = 2  # percent of a core
RESTART_CEILING_S = 2
IN_SYNC_PATIENCE_S = 60
POLL_SECONDS = 0.05
TOPIC = "many"


def create(stage, count):
    begun = time.monotonic()
    stage.create_topic(TOPIC, count)
    return time.monotonic() - begun


def restart(stage, node):
    """Seconds from its start: (it says that it serves, every partition is in sync again or None)."""
    stage.nodes.kill(node)
    said = len(node.log())
    begun = time.monotonic()
    stage.nodes.start_again(node)
    until(f"node {node.id} serves", lambda: node.lines("node started", said))
    served = time.monotonic() - begun
    while not (whole := is_whole(stage)) and time.monotonic() < begun + IN_SYNC_PATIENCE_S:
        time.sleep(POLL_SECONDS)
    return served, time.monotonic() - begun if whole else None


def is_whole(stage):
    """Each leader is asked: only it knows."""
    told = [(node.id, stage.partitions_of(TOPIC, node)) for node in stage.nodes]
    for index, partition in told[0][1].items():
        leader = next((found[index] for id_, found in told if id_ == partition.leader and index in found), None)
        if not leader or leader.leader != partition.leader or len(leader.in_sync) != len(leader.replicas):
            return False
    return bool(told[0][1])


def measure(options, table):
    count, kills = (QUICK_PARTITIONS, QUICK_KILLS) if options.quick else (PARTITIONS, KILLS)
    name = f"{count:,} partitions x 3"
    with cluster(options) as stage:
        say(f"partitions: {count} are made")
        table.add(f"{name}: from the request until all have leaders", create(stage, count), "s")
        say("partitions: until the nodes are at rest, and for a while then")
        rest.report(table, f"{name}, idle", rest.watch(stage.nodes, options.quick), IDLE_CPU_CEILING)
        took = []
        for number in range(kills):
            took.append(restart(stage, stage.nodes.nodes[number % 3 + 1]))
            served, whole = took[-1]
            then = f"in sync after {whole:.2f} s" if whole else f"NOT in sync after {IN_SYNC_PATIENCE_S} s"
            say(f"partitions: node {number % 3 + 1} serves after {served:.2f} s, {then}")
        served = median(served for served, _ in took)
        table.at_most(f"{name}: start after kill -9, to its ready line", served, "s", RESTART_CEILING_S)
        in_sync = [whole for _, whole in took if whole]
        table.at_most("  times that not all partitions came in sync again", len(took) - len(in_sync), "", 0)
        if in_sync:
            table.add("  until all partitions are in sync: p50", median(in_sync), "s")
