"""Numbered records, steadily, into the partitions of a topic, what became of each, and the audit of it all."""

import json
import threading
import time
from dataclasses import dataclass

from confluent_kafka import Consumer, Producer, TopicPartition

from stage import GUARD_SECONDS, until

PAUSE_SECONDS = 0.003  # between two rounds of a record for each partition
NEWS_MILLISECONDS = 200
# As an application is that sets nothing but where the cluster is.
STOCK = {}
# As fast as the client's library can: to see how soon the nodes are ready. Without the last line it may look for a new
# leader once a second only (librdkafka 2.0: if it was told of none, after an answer that still named the dead one).
EAGER = {
    "linger.ms": 0,
    "retry.backoff.ms": 10,
    "reconnect.backoff.ms": 10,
    "reconnect.backoff.max.ms": 50,
    "topic.metadata.refresh.fast.interval.ms": 10,
    "topic.metadata.refresh.interval.ms": 20,
}


@dataclass
class Acknowledged:
    number: int
    offset: int
    sent_at: float
    acked_at: float


class Numbered(threading.Thread):
    """One idempotent producer. Numbers ascend in each partition, from 0. `acked[partition]` is in the order in which
    it was told."""

    def __init__(self, addresses, topic, partitions, settings):
        super().__init__(daemon=True)
        self.topic, self.partitions = topic, partitions
        self.sent_at = [[] for _ in range(partitions)]
        self.acked = [[] for _ in range(partitions)]
        self.late = []  # seconds that each round of records came later than it should: the machine's doing
        self.failed, self.transmitted_ = [], 0
        self.stopping_ = threading.Event()
        told = {"statistics.interval.ms": NEWS_MILLISECONDS, "stats_cb": self.note_statistics_, "log_level": 0}
        self.producer_ = Producer({"bootstrap.servers": addresses, "enable.idempotence": True, **settings, **told})

    def run(self):
        while not self.stopping_.is_set():
            begun = time.monotonic()
            for partition, sent_at in enumerate(self.sent_at):
                number = len(sent_at)
                sent_at.append(time.monotonic())
                self.producer_.produce(self.topic, b"%d" % number, partition=partition, on_delivery=self.note_)
            while (rest := begun + PAUSE_SECONDS - time.monotonic()) > 0:
                self.producer_.poll(rest)  # acknowledgements come in there
            self.late.append(time.monotonic() - begun - PAUSE_SECONDS)
            self.producer_.poll(0)
        self.producer_.flush(GUARD_SECONDS)

    def note_(self, error, message):
        if error:
            self.failed.append(error)
            return
        number, partition = int(message.value()), message.partition()
        sent_at = self.sent_at[partition][number]
        self.acked[partition].append(Acknowledged(number, message.offset(), sent_at, time.monotonic()))

    def note_statistics_(self, text):
        partitions = json.loads(text)["topics"].get(self.topic, {}).get("partitions", {})
        self.transmitted_ = sum(p["txmsgs"] for p in partitions.values())

    def first_sent_after(self, moment, partition):
        """The first acknowledgement of a record that was sent after it; None as long as there is none."""
        found = None
        for one in reversed(self.acked[partition]):
            if one.acked_at < moment:
                break
            if one.sent_at > moment:
                found = one
        return found

    def await_sent_after(self, moment, partition):
        def seen():
            self.assert_good()
            return self.first_sent_after(moment, partition)

        return until(f"{self.topic}-{partition} acknowledges again", seen)

    def await_all_go_on(self):
        now = time.monotonic()
        for partition in range(self.partitions):
            self.await_sent_after(now, partition)

    def longest_pause(self, since, to, partition):
        """Between two acknowledgements, of the time from `since`, which counts as one, to `to`."""
        times = [one.acked_at for one in self.acked[partition] if since <= one.acked_at <= to]
        return max(b - a for a, b in zip([since, *times], times))

    def sent_again(self):
        """How many records went out more than once; of a producer that has ended."""
        self.producer_.poll(2 * NEWS_MILLISECONDS / 1000)
        return max(0, self.transmitted_ - sum(len(acked) for acked in self.acked))

    def assert_good(self):
        if self.failed:
            raise RuntimeError(f"{len(self.failed)} records were not acknowledged, the first: {self.failed[0]}")
        if not self.is_alive() and not self.stopping_.is_set():
            raise RuntimeError("the producer has ended")

    def stop(self):
        """With nothing in flight."""
        self.stopping_.set()
        self.join(GUARD_SECONDS)
        self.assert_good()
        for sent_at, acked in zip(self.sent_at, self.acked):
            if len(sent_at) != len(acked):
                raise RuntimeError(f"{len(sent_at)} records sent, {len(acked)} acknowledged")


def read_back(addresses, topic, partition):
    """All records, as (offset, number)."""
    consumer = Consumer({"bootstrap.servers": addresses, "group.id": "audit", "log_level": 0})
    place = TopicPartition(topic, partition, 0)
    consumer.assign([place])
    _, end = consumer.get_watermark_offsets(place, timeout=GUARD_SECONDS)
    found = []
    while not found or found[-1][0] < end - 1:
        for message in consumer.consume(1000, timeout=1):
            if message.error():
                raise RuntimeError(f"{topic}-{partition} cannot be read: {message.error()}")
            found.append((message.offset(), int(message.value())))
    consumer.close()
    return found


def flaws(stored, acked):
    """What is wrong with `stored`, [(offset, number)], for who was told `acked`, {number: offset}."""
    at = dict(stored)
    if [offset for offset, _ in stored] != list(range(len(stored))):
        yield "the offsets are not 0, 1, 2, ..."
    if lost := [number for number, offset in acked.items() if at.get(offset) != number]:
        yield f"{len(lost)} acknowledged records are not where they were acknowledged, the first is {min(lost)}"
    if doubled := len(stored) - len({number for _, number in stored}):
        yield f"{doubled} records are there twice"
    if [number for _, number in stored] != sorted(number for _, number in stored):
        yield "the records are not in the order in which they were sent"


def assert_flaws_are_seen(stored, acked):
    """An audit that cannot fail says nothing: of spoilt copies it has to say what is wrong with them."""
    middle, end = len(stored) // 2, len(stored)
    spoilt = {
        "lost": stored[:middle] + [(offset - 1, number) for offset, number in stored[middle + 1 :]],
        "doubled": [*stored, (end, stored[middle][1])],
        "the last one lost": stored[:-1],
    }
    for what, copy in spoilt.items():
        if not any(flaws(copy, acked)):
            raise RuntimeError(f"the audit does not see a record that is {what}")


def audit(stream, addresses):
    """Raises where an acknowledged record is not there once, in order, at the offset that was told. Returns how many
    there are."""
    count = 0
    for partition, told in enumerate(stream.acked):
        stored = read_back(addresses, stream.topic, partition)
        acked = {one.number: one.offset for one in told}
        if found := list(flaws(stored, acked)):
            raise RuntimeError(f"BROKEN PROMISE: {stream.topic}-{partition}: {'; '.join(found)}")
        assert_flaws_are_seen(stored, acked)
        count += len(stored)
    return count
