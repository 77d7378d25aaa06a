"""Three workers in one group and two loners read one topic while it is written; one worker is killed, one is added.

usage: queue_and_pubsub.py HOST:PORT TOPIC

The readers are processes of group_reader.py. They tell what they read and what they have committed; from that, and from
what the node acknowledged to the producer, comes the proof at the end. Exit code 0: the proof holds.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time
from collections import Counter

from confluent_kafka import Consumer, Producer, TopicPartition

READER = pathlib.Path(__file__).with_name("group_reader.py")
GROUP = "workers"
GUARD_SECONDS = 60
PAUSE_SECONDS = 0.005  # between two records


class Reader:
    """A process of a group and what it has told so far."""

    def __init__(self, name, address, topic, group, told):
        self.name, self.group = name, group
        self.owned, self.read, self.committed = [], [], []
        self.unconfirmed = []  # read, and no word yet that it is committed
        self.killed = self.ended = False
        self.told_ = told
        self.process_ = subprocess.Popen(
            [sys.executable, READER, address, topic, group], stdout=subprocess.PIPE, text=True
        )
        self.listener_ = threading.Thread(target=self.listen_, daemon=True)
        self.listener_.start()

    def listen_(self):
        for line in self.process_.stdout:
            event, what = json.loads(line)
            with self.told_:
                self.note_(event, what)
                self.told_.notify_all()
        with self.told_:
            self.ended = True
            self.told_.notify_all()

    def note_(self, event, what):
        if event == "assigned":
            self.owned = what
            print(f"{self.name:>9} has partitions {what}", flush=True)
            return
        records = [tuple(record) for record in what]
        if event == "read":
            self.read += records
            self.unconfirmed = records
        else:
            self.committed += records
            self.unconfirmed = []

    def kill(self):
        """As kill -9 does: no goodbye to the node."""
        self.process_.kill()
        self.killed = True

    def terminate(self):
        """It finishes its batch and leaves its group."""
        self.process_.terminate()

    def await_end(self):
        code = self.process_.wait(GUARD_SECONDS)
        self.listener_.join(GUARD_SECONDS)
        if code != 0 and not self.killed:
            sys.exit(f"{self.name} ended with code {code}")


class Flow(threading.Thread):
    """Writes records until told to stop; `acknowledged` is where the node put them."""

    def __init__(self, address, topic):
        super().__init__(daemon=True)
        self.acknowledged, self.failed = set(), []
        self.topic_ = topic
        self.stopping_ = threading.Event()
        self.producer_ = Producer({"bootstrap.servers": address, "enable.idempotence": True, "linger.ms": 0})

    def run(self):
        number = 0
        while not self.stopping_.wait(PAUSE_SECONDS):
            self.producer_.produce(self.topic_, key=str(number), value=f"order {number}", on_delivery=self.note_)
            self.producer_.poll(0)
            number += 1
        self.producer_.flush()

    def note_(self, error, message):
        if error:
            self.failed.append(error)
        else:
            self.acknowledged.add((message.partition(), message.offset()))

    def stop(self):
        self.stopping_.set()
        self.join(GUARD_SECONDS)
        if self.failed:
            sys.exit(f"{len(self.failed)} records were not acknowledged, the first: {self.failed[0]}")


class Stage:
    """The readers, and waiting until they have told what is waited for."""

    def __init__(self, address, topic):
        self.address, self.topic = address, topic
        self.readers = []
        self.told_ = threading.Condition()
        self.partitions = 0

    def add(self, name, group):
        reader = Reader(name, self.address, self.topic, group, self.told_)
        self.readers.append(reader)
        return reader

    def of(self, group):
        return [r for r in self.readers if r.group == group]

    def until(self, what, condition):
        with self.told_:
            found = self.told_.wait_for(lambda: condition() or self.lost_(), GUARD_SECONDS)
        if not found:
            sys.exit(f"still not so after {GUARD_SECONDS} s: {what}")
        if self.lost_():
            sys.exit(f"{self.lost_()} ended before its time")

    def lost_(self):
        return ", ".join(r.name for r in self.readers if r.ended and not r.killed)

    def shared_out(self):
        """Every partition has one living worker, and every living worker has partitions."""
        living = [r for r in self.of(GROUP) if not r.killed]
        owned = sorted(p for r in living for p in r.owned)
        return owned == list(range(self.partitions)) and all(r.owned for r in living)

    def end(self):
        for reader in self.readers:
            reader.terminate()
        for reader in self.readers:
            reader.await_end()


def read_in(stage, group):
    return {record for reader in stage.of(group) for record in reader.read}


def play(stage, flow):
    """What happens on the way; returns the worker that was killed."""
    for name in ("worker-1", "worker-2", "worker-3"):
        stage.add(name, GROUP)
    for name in ("loner-1", "loner-2"):
        stage.add(name, name)
    stage.until("everybody has partitions", lambda: stage.shared_out() and all(r.owned for r in stage.readers))

    print("\nrecords begin to flow")
    flow.start()
    stage.until("all workers have read", lambda: all(len(r.committed) >= 100 for r in stage.of(GROUP)))

    victim = stage.of(GROUP)[1]
    stage.until("the victim works on a batch", lambda: victim.unconfirmed)
    victim.kill()
    print(f"\n{victim.name} is killed while it works on {len(victim.unconfirmed)} records; "
          "after 6 s of silence the node gives its partitions to the others")
    stage.until("the others have its partitions", stage.shared_out)

    print("\nworker-4 is added")
    added = stage.add("worker-4", GROUP)
    stage.until("it has its share", stage.shared_out)
    stage.until("it has read some", lambda: len(added.committed) >= 100)
    flow.stop()
    print(f"\nno more records: {len(flow.acknowledged)} were written")
    for group in {r.group for r in stage.readers}:
        stage.until(f"{group} has read all", lambda: read_in(stage, group) >= flow.acknowledged)
    stage.end()
    return victim


def show(stage):
    names = "".join(f"{'p' + str(p):>7}" for p in range(stage.partitions))
    print(f"\nwho read how much of which partition\n\n{'':>10}{names}{'all':>8}")
    for reader in sorted(stage.readers, key=lambda r: r.group != GROUP):
        counts = Counter(partition for partition, _ in reader.read)
        cells = "".join(f"{counts[p] or '.':>7}" for p in range(stage.partitions))
        print(f"{reader.name:>10}{cells}{len(reader.read):>8}{'  killed' if reader.killed else ''}")


def not_committed_to_the_end(stage, group, written):
    """Partitions whose committed offset, as the node has it, is not that behind the last record."""
    last = {partition: max(o for p, o in written if p == partition) for partition, _ in written}
    consumer = Consumer({"bootstrap.servers": stage.address, "group.id": group})
    committed = consumer.committed([TopicPartition(stage.topic, p) for p in last], timeout=GUARD_SECONDS)
    consumer.close()
    return [t.partition for t in committed if t.offset != last[t.partition] + 1]


def flaws_of_group(stage, written, victim):
    workers = stage.of(GROUP)
    times = Counter(record for r in workers for record in r.read)
    twice = {record for record, count in times.items() if count > 1}
    committed = Counter(record for r in workers for record in r.committed)
    # The answer to the victim's last commit may have been on its way when it died: then nobody reads those again.
    unsaid = set(victim.unconfirmed) - set(committed)
    print(f"\nthe group: {len(times)} of {len(written)} records read, {len(twice)} of them twice: {victim.name} held"
          f" {len(victim.unconfirmed)} when it was killed")
    print("           and had not committed them, so that others got them again" if twice else
          "           and had just committed them, so that nobody got them again")
    print(f"           {len(committed)} reported as committed, {sum(committed.values()) - len(committed)} of them twice"
          + (f"; {len(unsaid)} more were, but their worker died before it could say so" if unsaid else ""))
    if set(times) != written:
        yield "the group has not read exactly what was written"
    if max(times.values()) > 2 or not twice <= set(victim.unconfirmed):
        yield "records were read twice that the killed worker had committed, or never had"
    if max(committed.values()) > 1 or set(committed) | unsaid != written:
        yield "not each record was committed once"


def flaws_of_loner(stage, loner, written):
    times = Counter(loner.read)
    print(f"{loner.name:>9}: {len(times)} of {len(written)} records read, {len(loner.read) - len(times)} of them twice")
    if set(times) != written or len(loner.read) != len(written) or sorted(loner.committed) != sorted(loner.read):
        yield f"{loner.name} has not read each record once"


def prove(stage, written, victim):
    flaws = list(flaws_of_group(stage, written, victim))
    loners = [r for r in stage.readers if r.group != GROUP]
    for loner in loners:
        flaws += flaws_of_loner(stage, loner, written)
    for group in (GROUP, *(r.group for r in loners)):
        if partitions := not_committed_to_the_end(stage, group, written):
            flaws.append(f"{group}: the committed offsets of partitions {partitions} are not at the end")
    if flaws:
        sys.exit("\nNOT PROVEN: " + "; ".join(flaws))
    print("\nproven: each record was committed once in the group and read once by each loner; the committed offsets\n"
          "        that the node has of all three groups are at the end of every partition")


def main():
    address, topic = sys.argv[1:]
    begun = time.monotonic()
    stage, flow = Stage(address, topic), Flow(address, topic)
    about = Producer({"bootstrap.servers": address}).list_topics(topic, timeout=GUARD_SECONDS)
    stage.partitions = len(about.topics[topic].partitions)
    try:
        victim = play(stage, flow)
    finally:
        for reader in stage.readers:
            if not reader.ended:
                reader.kill()
    show(stage)
    prove(stage, flow.acknowledged, victim)
    print(f"({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    main()
