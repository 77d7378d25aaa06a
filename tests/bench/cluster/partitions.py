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
TOPIC = "many"


def create(stage, count):
    begun = time.monotonic()
    stage.create_topic(TOPIC, count)
    return time.monotonic() - begun


def restart(stage, node):
    """Seconds from its start: (it says that it serves, every partition that it has a replica of is in sync again)."""
    stage.nodes.kill(node)
    said = len(node.log())
    begun = time.monotonic()
    stage.nodes.start_again(node)
    until(f"node {node.id} serves", lambda: node.lines("node started", said))
    served = time.monotonic() - begun
    until("all in sync again", lambda: is_whole(stage), 0.05)
    return served, time.monotonic() - begun


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
            say(f"partitions: a node serves after {took[-1][0]:.2f} s, is in sync after {took[-1][1]:.2f} s")
        table.at_most(f"{name}: start after kill -9, to its ready line", median(s for s, _ in took), "s", RESTART_CEILING_S)
        table.add("  until all its replicas are in sync", median(s for _, s in took), "s")
