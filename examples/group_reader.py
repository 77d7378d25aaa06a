"""One member of a consumer group, as an application would write it; a process of its own, so that it can be killed.

usage: group_reader.py HOST:PORT TOPIC GROUP

It works through small batches and commits each before the next. What happens is told on stdout, one JSON array a
line: ["assigned", partitions], ["read", [[partition, offset], ...]] before the work, ["committing", [...]] after it,
["committed", [...]] once the node has the commit. SIGTERM ends it in order: it finishes its batch and leaves the group.
"""

import json
import signal
import sys
import time

from confluent_kafka import Consumer, TopicPartition

BATCH = 25
WORK_SECONDS = 0.004  # on each record
POLL_SECONDS = 0.1


def tell(event, what):
    print(json.dumps([event, what]), flush=True)


class Reader:
    def __init__(self, address, topic, group):
        self.batch_ = []
        self.ending_ = False
        self.consumer_ = Consumer({
            "bootstrap.servers": address,
            "group.id": group,
            "auto.offset.reset": "earliest",
            # Committed by hand, after the work: what is committed is done.
            "enable.auto.commit": False,
            # How soon a killed worker is noticed, and a rebalance by those who live.
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        })
        # Before partitions go to another member the batch is finished, so that nothing is read twice. Where they are
        # lost already, because the node gave this member up, a commit would be refused.
        self.consumer_.subscribe([topic], on_assign=self.assigned_, on_revoke=self.finish_, on_lost=self.forget_)

    def assigned_(self, _, partitions):
        tell("assigned", [p.partition for p in partitions])

    def finish_(self, *_):
        if not self.batch_:
            return
        records = [[m.partition(), m.offset()] for m in self.batch_]
        tell("read", records)
        time.sleep(WORK_SECONDS * len(records))
        tell("committing", records)
        self.commit_()
        self.batch_ = []
        tell("committed", records)

    def commit_(self):
        # The offset to go on from, of each partition, all in one request.
        going_on = {m.partition(): TopicPartition(m.topic(), m.partition(), m.offset() + 1) for m in self.batch_}
        for partition in self.consumer_.commit(offsets=list(going_on.values()), asynchronous=False):
            if partition.error:
                sys.exit(f"commit refused: {partition.error}")

    def forget_(self, *_):
        self.batch_ = []

    def run(self):
        while not self.ending_:
            message = self.consumer_.poll(POLL_SECONDS)
            if message is not None:
                if message.error():
                    sys.exit(f"{message.error()}")
                self.batch_.append(message)
            if message is None or len(self.batch_) == BATCH:
                self.finish_()
        self.finish_()
        self.consumer_.close()

    def end(self, *_):
        self.ending_ = True


def main():
    reader = Reader(*sys.argv[1:])
    signal.signal(signal.SIGTERM, reader.end)
    reader.run()


if __name__ == "__main__":
    main()
