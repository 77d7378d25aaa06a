"""A steady stream of records into a cluster of three nodes, and kill -9 for the one that leads their partition.

usage: cluster.py CHISME FOLDER

The client is confluent-kafka, an idempotent producer as any application has it; by default it asks every 250 ms who
leads now. What it was told of each record, what the cluster says meanwhile and what is there at the end are compared.
Exit code 0: no record that was acknowledged is lost, none is there twice, each is at the offset that was acknowledged,
and all three nodes have the same bytes.
"""

import pathlib
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from cluster_nodes import GUARD_SECONDS, Nodes, until

TOPIC = "orders"
PAUSE_SECONDS = 0.004  # between two records
BEFORE_THE_KILL = 500  # records that are acknowledged
WHILE_IT_IS_GONE = 300
AFTER_ITS_RETURN = 250
# What a cluster may say that is some milliseconds old.
NOT_YET = KafkaError.NOT_CONTROLLER, KafkaError.INVALID_REPLICATION_FACTOR


def say(text):
    print(f"\n== {text}", flush=True)


def milliseconds(seconds):
    return f"{seconds * 1000:,.0f} ms"


class Timeline:
    """What happened when; the kill is at 0."""

    def __init__(self):
        self.begun_ = self.last_ = None

    def begin(self, text):
        self.begun_ = self.last_ = time.monotonic()
        self.show_(0, text)

    def note(self, text, at=None):
        self.show_((at or time.monotonic()) - self.begun_, text)

    def show_(self, seconds, text):
        print(f"  t+{seconds * 1000:7,.0f} ms  {text}", flush=True)


class Stream(threading.Thread):
    """Writes numbered records. `sent_at`: when each was handed to the client; `acknowledged`: number -> (offset, when)."""

    def __init__(self, addresses):
        super().__init__(daemon=True)
        self.sent_at, self.acknowledged, self.errors, self.failed = [], {}, [], []
        self.stopping_ = threading.Event()
        self.producer_ = Producer({
            "bootstrap.servers": addresses,
            "enable.idempotence": True,  # acks=all, and no record twice
            "linger.ms": 0,
            "error_cb": lambda error: self.errors.append((time.monotonic(), error)),
            "log_level": 0,  # it tells of every connection that ends; what counts is told here
        })

    def run(self):
        while not self.stopping_.is_set():
            number = len(self.sent_at)
            self.sent_at.append(time.monotonic())
            self.producer_.produce(TOPIC, key="k", value=f"order {number}", partition=0, on_delivery=self.note_)
            while (rest := self.sent_at[-1] + PAUSE_SECONDS - time.monotonic()) > 0:
                self.producer_.poll(rest)  # acknowledgements come in there
        self.producer_.flush(GUARD_SECONDS)

    def note_(self, error, message):
        if error:
            self.failed.append(error)
        else:
            self.acknowledged[int(message.value().split()[1])] = message.offset(), time.monotonic()

    def await_more(self, count):
        wanted = len(self.acknowledged) + count
        until(f"{wanted} records acknowledged", lambda: len(self.acknowledged) >= wanted)

    def stop(self):
        self.stopping_.set()
        self.join(GUARD_SECONDS)
        if self.failed:
            sys.exit(f"{len(self.failed)} records were not acknowledged, the first: {self.failed[0]}")

    def times(self):
        """Of all acknowledgements, ascending."""
        return sorted(at for _, at in self.acknowledged.values())

    def first_after(self, moment):
        """(number, when) of the first acknowledgement of a record that was sent after it."""
        found = [(at, n) for n, (_, at) in list(self.acknowledged.items()) if self.sent_at[n] > moment]
        return min(found, default=None)


class Observer:
    """What the cluster says about itself."""

    def __init__(self, addresses):
        self.admin_ = AdminClient({"bootstrap.servers": addresses, "log_level": 0})

    def metadata(self):
        """Of all topics: who asks for one by its name may create it by that."""
        return self.admin_.list_topics(timeout=GUARD_SECONDS)

    def partition(self):
        """None where the node that was asked has not heard of it yet."""
        topic = self.metadata().topics.get(TOPIC)
        return topic and topic.partitions.get(0)

    def create_topic(self):
        until("somebody decides upon topics", self.is_created_)
        return until(f"{TOPIC} has a leader", self.led_)

    def is_created_(self):
        wanted = NewTopic(TOPIC, num_partitions=1, replication_factor=3)
        try:
            self.admin_.create_topics([wanted])[TOPIC].result(GUARD_SECONDS)
        except KafkaException as refused:
            if refused.args[0].code() not in NOT_YET:
                raise
            return False
        return True

    def led_(self):
        found = self.partition()
        return found if found and found.leader > 0 else None

    def whole(self):
        found = self.led_()
        return found if found and len(found.isrs) == 3 else None

    def next_leader(self, dead):
        """Another node than that."""

        def found():
            partition = self.partition()
            return partition.leader if partition and partition.leader not in (-1, dead) else None

        return until("another node leads the partition", found)


def in_words(numbers):
    return ", ".join(str(n) for n in sorted(numbers))


def play(nodes, stream, observer):
    """The kill and the return, as they happen. Returns when it was."""
    line = Timeline()
    leader = observer.partition().leader
    victim = nodes.number(leader)
    line.begin(f"node {leader}, which leads the partition, is killed with -9")
    killed_at = time.monotonic()
    victim.kill()
    follower = observer.next_leader(leader)
    elected_at = time.monotonic()
    at, number = until("a record is acknowledged", lambda: stream.first_after(killed_at))
    events = [
        (elected_at, f"node {follower} leads it"),
        (at, f"first acknowledgement of a record sent since ({number})"),
    ]
    noticed = [(when, f"the client notices: {error.str()}") for when, error in stream.errors if when > killed_at]
    for when, text in sorted(events + noticed[:1]):
        line.note(text, when)

    stream.await_more(WHILE_IT_IS_GONE)
    line.note(f"node {leader} is started again, with the data that it had")
    victim.start()
    victim.await_ready()
    line.note(f"node {leader} is back")
    in_sync = until("all replicas are in sync", observer.whole).isrs
    line.note(f"in sync again: nodes {in_words(in_sync)}")
    return killed_at


def read_back(addresses):
    """All records of the partition, as (offset, number)."""
    consumer = Consumer({"bootstrap.servers": addresses, "group.id": "proof", "log_level": 0})
    place = TopicPartition(TOPIC, 0, 0)
    consumer.assign([place])
    _, end = consumer.get_watermark_offsets(place, timeout=GUARD_SECONDS)
    found = []
    while not found or found[-1][0] < end - 1:
        message = consumer.poll(GUARD_SECONDS)
        if message is None or message.error():
            sys.exit(f"what was written cannot be read back: {message and message.error()}")
        found.append((message.offset(), int(message.value().split()[1])))
    consumer.close()
    return found


def flaws(stored, acknowledged):
    """What is wrong with the records that are there."""
    at = dict(stored)
    if [offset for offset, _ in stored] != list(range(len(stored))):
        yield "the offsets are not 0, 1, 2, ..."
    if lost := [n for n, (offset, _) in acknowledged.items() if at.get(offset) != n]:
        yield f"{len(lost)} acknowledged records are not where they were acknowledged, the first is {min(lost)}"
    if doubled := len(stored) - len(set(at.values())):
        yield f"{doubled} records are there twice"
    if [n for _, n in stored] != sorted(at.values()):
        yield "the records are not in the order in which they were written"


def is_seeing(stored, acknowledged):
    """The proof must be one that can fail: it would see a record that is lost, and one that is there twice."""
    middle = len(stored) // 2
    lost = stored[:middle] + [(offset - 1, number) for offset, number in stored[middle + 1 :]]
    twice = stored + [(len(stored), stored[-1][1])]
    return any(flaws(lost, acknowledged)) and any(flaws(twice, acknowledged))


def show_times(stream, killed_at):
    took = sorted(at - stream.sent_at[n] for n, (_, at) in stream.acknowledged.items() if at < killed_at)
    pause = max(b - a for a, b in zip(stream.times(), stream.times()[1:]))
    print(f"before the kill a record was acknowledged after {took[len(took) // 2] * 1000:.1f} ms "
          f"(99 of 100 within {took[len(took) * 99 // 100] * 1000:.1f} ms), by a majority that has it on disk;")
    print(f"the longest time without an acknowledgement was {milliseconds(pause)}")


def prove(stored, stream):
    found = list(flaws(stored, stream.acknowledged))
    if len(stream.acknowledged) != len(stream.sent_at):
        found.append("not every record was acknowledged")
    if not is_seeing(stored, stream.acknowledged):
        found.append("this proof would not see a loss")
    print(f"{len(stream.sent_at):,} records sent, {len(stream.acknowledged):,} acknowledged, {len(stored):,} read back")
    if found:
        sys.exit("NOT PROVEN: " + "; ".join(found))
    print("proven: none is lost, none is there twice, all in order and at the offsets that were acknowledged")


def compare_disks(nodes):
    stored = [node.stored(TOPIC) for node in nodes.all]
    if not stored[0] or len(set(stored)) != 1:
        sys.exit(f"the nodes do NOT have the same on disk: {[len(bytes_) for bytes_ in stored]} bytes")
    print(f"all three have the same {len(stored[0]):,} bytes of it on disk")


def main():
    program, folder = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say("three nodes")
    begun = time.monotonic()
    with Nodes(program, pathlib.Path(folder)) as nodes:
        for node in nodes.all:
            print(f"node {node.number} on {node.address}, {node.resident_mib():.0f} MiB of memory")
        observer = Observer(nodes.addresses)
        metadata = until("a cluster", lambda: (found := observer.metadata()).controller_id > 0 and found)
        print(f"a cluster of nodes {in_words(metadata.brokers)} after {milliseconds(time.monotonic() - begun)}; "
              f"node {metadata.controller_id} keeps its metadata")

        say(f"a topic with three replicas, and {1 / PAUSE_SECONDS:.0f} records a second from confluent-kafka")
        print(f"node {observer.create_topic().leader} leads its partition")
        stream = Stream(nodes.addresses)
        stream.start()
        stream.await_more(BEFORE_THE_KILL)
        killed_at = play(nodes, stream, observer)
        stream.await_more(AFTER_ITS_RETURN)
        stream.stop()

        say("what is there")
        prove(read_back(nodes.addresses), stream)
        show_times(stream, killed_at)

        say("stopping the nodes")
        if any(codes := nodes.stop()):
            sys.exit(f"their exit codes are {codes}")
        compare_disks(nodes)


if __name__ == "__main__":
    main()
