"""A node that stands still while the others are written to as fast as they take it: it costs them bounded memory (P7)."""

import threading
import time

from support.batches import batch
from support.case import MIB, slow
from support.cluster_case import ClusterCase
from support.node import eventually
from support.stream import Refused, Worker

RECORD = bytes(250_000)
FLYING = 8
# By each writer: much more than the nodes may hold of it in memory.
WRITTEN = 120 * MIB
WRITERS = 3


class Load(Worker):
    """Large batches, always the same, without an order; `written` are acknowledged bytes."""

    def __init__(self, cluster, topic, partition):
        super().__init__(cluster, topic, partition)
        self.batch_ = batch([RECORD])
        self.written, self.sent_ = 0, []

    def connect_(self):
        super().connect_()
        self.sent_ = []

    def step_(self):
        while len(self.sent_) < FLYING:
            self.sent_.append(self.client_.send_produce(self.topic_, {self.partition_: self.batch_}))
        if self.client_.produced(self.sent_.pop(0))[self.partition_].error:
            raise Refused
        self.written += len(self.batch_)

    def await_more(self, size):
        wanted = self.written + size
        while not self.fault and self.written < wanted:
            before = self.written
            eventually(f"{self.topic_}-{self.partition_} takes more", lambda: self.fault or self.written > before)

    def stop(self):
        self.stopping_.set()
        self.join()


class StandsStill(ClusterCase):
    def loaded(self):
        self.cluster()
        self.make_topic("load", partitions=WRITERS, segment_bytes=16 * MIB, retention_bytes=64 * MIB)
        writers = [Load(self.cluster_, "load", p) for p in range(WRITERS)]
        for writer in writers:
            writer.start()
            self.addCleanup(writer.stop)
            writer.await_more(16 * MIB)
        return writers

    @slow
    def test_others_keep_their_memory(self):
        writers = self.loaded()
        still = self.cluster_.await_leader("load")
        self.cluster_.pause(still)
        for writer in writers:
            writer.await_more(MIB)
        before = {node: node.resident() for node in self.cluster_.awake()}
        for node in before:
            node.forget_peak()
        for writer in writers:
            writer.await_more(WRITTEN)
        for node, resident in before.items():
            self.assert_grew_less(node, resident, 64 * MIB, f"node {node.id}, {WRITTEN * WRITERS // MIB} MiB written")
        self.cluster_.go_on(still)
        for writer in writers:
            writer.stop()
            self.assertIsNone(writer.fault)
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync("load")
        self.remark("and it has caught up")
