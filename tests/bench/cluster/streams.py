"""A cluster that two clients write numbered records to, each to a topic of its own, while its nodes come and go."""

import contextlib
import time

from measuring.table import percentile
from numbered import EAGER, STOCK, Numbered, audit
from stage import cluster, until

PARTITIONS = 3
# So that a node that is back leads again soon, instead of after ten seconds.
BALANCE = {"leader_imbalance_check_interval_seconds": 1}


@contextlib.contextmanager
def streams(options):
    with cluster(options, **BALANCE) as stage:
        on_stage = Streams(stage)
        on_stage.settle()
        yield on_stage


class Streams:
    def __init__(self, stage):
        self.stage, self.nodes = stage, stage.nodes
        self.all = [self.begin_("eager", EAGER), self.begin_("stock", STOCK)]
        self.settled_after = []

    def begin_(self, topic, settings):
        self.stage.create_topic(topic, PARTITIONS)
        stream = Numbered(self.stage.addresses, topic, PARTITIONS, settings)
        stream.start()
        return stream

    def node_in_turn(self, number):
        return self.nodes.nodes[1 + number % len(self.nodes.nodes)]

    def start_again(self, node):
        """Returns when all is as it was before: each partition is in sync and led where it should be, and each stream
        goes on. `settled_after` has how many milliseconds that took."""
        begun = time.monotonic()
        self.nodes.start_again(node)
        self.settle()
        self.settled_after.append((time.monotonic() - begun) * 1000)

    def settle(self):
        for stream in self.all:
            self.stage.await_settled(stream.topic)
        for stream in self.all:
            stream.await_all_go_on()

    def places_of(self, node):
        """Of each stream: (stream, a partition that this node leads, its epoch)."""

        def found():
            places = [self.led_by_(node, stream) for stream in self.all]
            return places if all(places) else self.settle()  # an election may come at any time on a busy machine

        return until(f"node {node.id} leads a partition of each stream", found)

    def led_by_(self, node, stream):
        told = self.stage.partitions_of(stream.topic, node)
        return next(((stream, index, p.epoch) for index, p in told.items() if p.leader == node.id), None)

    def lateness(self):
        """Milliseconds that 1 of 100 rounds of the streams' own was late by: where this is much, the nodes had to wait
        for a core as well, and no time that was measured is theirs alone."""
        return max(percentile(stream.late, 0.99) for stream in self.all) * 1000

    def end(self):
        """Raises where a promise is broken; the number of records that were written."""
        for stream in self.all:
            stream.stop()
        return sum(audit(stream, self.stage.addresses) for stream in self.all)
