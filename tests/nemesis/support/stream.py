"""Numbered records into one partition of a cluster, and a reader of them: what they have seen is what must stay so."""

import collections
import itertools
import threading
import time

from support.batches import batch, values_in
from support.cluster import NO_ANSWER
from support.node import eventually

# As many as brokers remember of an idempotent producer: whatever is sent again is known as such.
FLYING = 5
PAUSE_SECONDS = 0.004
RETRY_SECONDS = 0.02
LONGEST_VALUE = 1500
# A client asks another node then, or the same one again; whatever else comes is a fault.
TRANSIENT = {3, 5, 6, 7, 13, 19, 20, 56, 74, 75, 76}
OUT_OF_ORDER = 45


def value_of(number):
    return b"%d:" % number + bytes(number * 7919 % LONGEST_VALUE)


def number_of(value):
    return int(value.split(b":")[0])


class Refused(Exception):
    """By an error code that passes."""


class Worker(threading.Thread):
    """Does step() again and again, over connections to whoever leads the partition; `fault` is what must not be."""

    def __init__(self, cluster, topic, partition):
        super().__init__(daemon=True)
        self.cluster_, self.topic_, self.partition_ = cluster, topic, partition
        self.client_, self.fault = None, None
        self.stopping_, self.abandoned_ = threading.Event(), threading.Event()

    def abandon(self):
        """Ends it whatever is in flight; the nodes may be gone."""
        self.abandoned_.set()

    def run(self):
        while not self.fault and not self.abandoned_.is_set() and not self.is_done_():
            try:
                if self.client_ is None:
                    self.connect_()
                self.step_()
            except (Refused, *NO_ANSWER):
                self.close_()
                time.sleep(RETRY_SECONDS)
            except Exception as error:
                self.fault = f"{self.topic_}-{self.partition_}: {type(error).__name__}: {error}"
        self.close_()

    def is_done_(self):
        return self.stopping_.is_set()

    def connect_(self):
        leader = self.cluster_.leader_of(self.topic_, self.partition_)
        if leader is None or leader in self.cluster_.silent:
            raise Refused
        self.client_ = self.cluster_.client(leader)

    def close_(self):
        if self.client_:
            self.client_.socket.close()
        self.client_ = None


class Stream(Worker):
    """An idempotent producer with several requests in flight. It sends each until it is acknowledged, and ends with
    nothing in flight. `acked` is number -> offset."""

    def __init__(self, cluster, topic, partition):
        super().__init__(cluster, topic, partition)
        self.acked, self.acked_at = {}, []
        self.flying_ = collections.deque()
        self.producer_ = None
        self.next_ = 0

    def is_done_(self):
        return self.stopping_.is_set() and not self.flying_

    def connect_(self):
        super().connect_()
        if self.producer_ is None:
            error, number, epoch = self.client_.new_producer()
            if error:
                raise Refused
            self.producer_ = number, epoch
        self.sent_ = collections.deque(self.send_(number) for number in self.flying_)

    def send_(self, number):
        raw = batch([value_of(number)], producer=(*self.producer_, number))
        return self.client_.send_produce(self.topic_, {self.partition_: raw})

    def step_(self):
        while len(self.flying_) < FLYING and not self.stopping_.is_set():
            self.flying_.append(self.next_)
            self.next_ += 1
            self.sent_.append(self.send_(self.flying_[-1]))
            time.sleep(PAUSE_SECONDS)
        if self.flying_:
            self.take_(self.client_.produced(self.sent_[0])[self.partition_])

    def take_(self, answer):
        number = self.flying_[0]
        if answer.error in TRANSIENT:
            raise Refused
        if answer.error:
            raise AssertionError(f"record {number} refused, error {answer.error}: {answer.message}")
        self.acked[number] = answer.offset
        self.acked_at.append(time.monotonic())
        self.flying_.popleft()
        self.sent_.popleft()

    def await_progress(self):
        """Until something is acknowledged that was sent after this call."""
        last = self.next_ + FLYING
        eventually(f"{self.topic_}-{self.partition_}: record {last} acknowledged", lambda: self.fault or last in self.acked)

    def stop(self):
        self.stopping_.set()
        eventually(f"{self.topic_}-{self.partition_}: nothing in flight", lambda: self.fault or not self.is_alive())

    def longest_pause(self):
        """In seconds, between two acknowledgements."""
        return max((b - a for a, b in itertools.pairwise(self.acked_at)), default=0)


class Watcher(Worker):
    """Reads on as records come, from whoever leads. `seen` are values, at the offsets from 0."""

    def __init__(self, cluster, topic, partition):
        super().__init__(cluster, topic, partition)
        self.seen = []

    def step_(self):
        answer = self.client_.fetch(self.topic_, len(self.seen), partition=self.partition_, wait_ms=100)
        if answer.error in TRANSIENT:
            raise Refused
        if answer.error:
            raise AssertionError(f"offset {len(self.seen)} cannot be read any more, error {answer.error}")
        for offset, value in values_in(answer.records):
            if offset > len(self.seen):
                raise AssertionError(f"offset {offset} comes where {len(self.seen)} was due")
            if offset == len(self.seen):
                self.seen.append(value)

    def stop(self):
        self.stopping_.set()
        eventually(f"{self.topic_}-{self.partition_}: the reader ends", lambda: not self.is_alive())
