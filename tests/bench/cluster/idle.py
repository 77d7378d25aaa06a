"""Three nodes without a topic: what a cluster costs that does nothing."""

import rest
from stage import cluster, say


def measure(options, table):
    with cluster(options) as stage:
        say("idle: until the nodes are at rest, and for a while then")
        rest.report(table, "idle cluster", rest.watch(stage.nodes, options.quick))
