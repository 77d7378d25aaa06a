"""As many bytes as one stock client gets acknowledged. Values are so large that the client's language is not what is
measured: what it costs is copies and checksums in the client's library."""

import os
import time

from confluent_kafka import Producer

VALUE = os.urandom(64 << 10)
WARM_UP = 256  # values
GUARD_SECONDS = 120


class Flood:
    """An idempotent producer, acks=all, to each of `partitions` in turn."""

    def __init__(self, addresses, topic, partitions):
        self.topic_, self.partitions_, self.refused_ = topic, partitions, []
        self.producer_ = Producer({
            "bootstrap.servers": addresses,
            "enable.idempotence": True,
            "linger.ms": 2,
            "queue.buffering.max.kbytes": 64 << 10,
            "log_level": 0,
        })
        self.send_(WARM_UP)

    def run(self, megabytes):
        """MB/s from the first value to the last acknowledgement."""
        count = int(megabytes * 1e6) // len(VALUE)
        begun = time.monotonic()
        self.send_(count)
        return count * len(VALUE) / 1e6 / (time.monotonic() - begun)

    def send_(self, count):
        for number in range(count):
            self.put_(number % self.partitions_)
        if self.producer_.flush(GUARD_SECONDS) or self.refused_:
            raise RuntimeError(f"not everything was acknowledged: {self.refused_[:1]}")

    def put_(self, partition):
        while True:
            try:
                self.producer_.produce(self.topic_, VALUE, partition=partition, on_delivery=self.told_)
                self.producer_.poll(0)
                return
            except BufferError:
                self.producer_.poll(0.01)

    def told_(self, error, _):
        if error:
            self.refused_.append(error)
