"""The test case of clusters: streams of records that flow through what is done to the nodes, and their audit."""

from support.batches import values_in
from support.case import NemesisCase
from support.cluster import Cluster
from support.node import eventually
from support.stream import Stream, Watcher, number_of, value_of

TOPIC = "log"
PARTITIONS = 3
LINES_OF_A_FAILURE = 12


class ClusterCase(NemesisCase):
    def setUp(self):
        super().setUp()
        self.cluster_, self.streams, self.watchers = None, [], []

    def cluster(self, started=True, options=None, **kinds):
        """Keyword arguments are those of Cluster."""
        self.cluster_ = Cluster(lambda words: self.node(started=False, options=words), options=options, **kinds)
        if started:
            self.cluster_.start()
        return self.cluster_

    def end_(self):
        for worker in [*self.streams, *self.watchers]:
            worker.abandon()
        if self.failed_:
            self.show_logs_()
        super().end_()

    def show_logs_(self):
        for node in self.cluster_ or ():
            print(f"         the last lines of node {node.id}:")
            for line in node.log().splitlines()[-LINES_OF_A_FAILURE:] if node.log_file.exists() else ():
                print(f"           {line}")

    def make_topic(self, name=TOPIC, partitions=PARTITIONS, replicas=3, **configs):
        """Until each partition has a leader."""

        def made(client):
            return client.create_topic(name, partitions=partitions, replicas=replicas, **configs) in (0, 36)

        eventually(f"topic {name}", lambda: self.cluster_.first_answer(made))
        for partition in range(partitions):
            self.cluster_.await_leader(name, partition)

    def begin_streams(self, topic=TOPIC, partitions=PARTITIONS):
        self.streams = [Stream(self.cluster_, topic, p) for p in range(partitions)]
        self.watchers = [Watcher(self.cluster_, topic, p) for p in range(partitions)]
        for worker in [*self.streams, *self.watchers]:
            worker.start()
        self.await_progress()

    def assert_no_fault(self):
        for worker in [*self.streams, *self.watchers]:
            self.assertIsNone(worker.fault)

    def await_progress(self):
        for stream in self.streams:
            stream.await_progress()
        self.assert_no_fault()

    def end_streams(self):
        """And the audit of all that they saw."""
        for stream in self.streams:
            stream.stop()
        self.assert_no_fault()
        self.audit()
        for watcher in self.watchers:
            watcher.stop()
        self.assert_no_fault()
        self.remark_pauses()

    def remark_pauses(self):
        longest = max(stream.longest_pause() for stream in self.streams)
        count = sum(len(stream.acked) for stream in self.streams)
        self.remark(f"{count} acknowledged, the longest time without: {longest:.2f} s")

    def audit(self, topic=TOPIC):
        for partition, (stream, watcher) in enumerate(zip(self.streams, self.watchers)):
            values = self.stored(topic, partition)
            where = f"{topic}-{partition}"
            for number, offset in stream.acked.items():
                self.assertLess(offset, len(values), f"{where}: record {number} is gone")
                self.assertEqual(values[offset], value_of(number), f"{where}, offset {offset}")
            numbers = [number_of(value) for value in values]
            self.assertEqual(numbers, sorted(set(numbers)), f"{where}: each once, in the order of writing")
            self.assertEqual(len(values), len(stream.acked), f"{where}: nothing but what was written")
            self.assert_copied(topic, partition, values)
            eventually(f"{where}: all read", lambda: watcher.fault or len(watcher.seen) == len(values))
            self.assertIsNone(watcher.fault)
            self.assertEqual(watcher.seen, values, f"{where}: what was read once is what is there")

    def stored(self, topic, partition):
        """All values, as the leader has them, at dense offsets from 0."""
        leader = self.cluster_.await_leader(topic, partition)
        found = []
        with self.cluster_.client(leader, patience=20) as client:
            end = client.end_offset(topic, partition)
            while len(found) < end:
                answer = client.fetch(topic, len(found), partition=partition)
                self.assertEqual(answer.error, 0)
                found += [(offset, value) for offset, value in values_in(answer.records) if offset >= len(found)]
        self.assertEqual([offset for offset, _ in found], list(range(end)))
        return [value for _, value in found]

    def assert_copied(self, topic, partition, values):
        """Each replica has the very same bytes on its own disk, once it has caught up."""
        leader = self.cluster_.await_leader(topic, partition)
        for node in self.cluster_.awake():
            eventually(
                f"{topic}-{partition} on node {node.id} as on its leader, node {leader.id}",
                lambda node=node: self.on_disk(node, topic, partition) == self.on_disk(leader, topic, partition),
            )
        self.assertEqual(values_in(self.on_disk(leader, topic, partition)), list(enumerate(values)))

    def on_disk(self, node, topic, partition):
        try:
            return b"".join(s.read_bytes() for s in node.segments(topic, partition))
        except FileNotFoundError:
            return None  # a log that is being thrown away just now

    def assert_writes(self, topic="served", replicas=3):
        """The cluster as a whole: any leader takes a record."""
        self.make_topic(topic, partitions=1, replicas=replicas)
        stream = Stream(self.cluster_, topic, 0)
        stream.start()
        stream.await_progress()
        stream.stop()
        self.assertIsNone(stream.fault)
