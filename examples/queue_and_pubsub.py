"""Three workers in one group and two loners read one topic while it is written; one worker is killed, one is added.

usage: queue_and_pubsub.py HOST:PORT TOPIC

The readers are processes of group_reader.py. They tell what they read and what they have committed; from that, from
what the node acknowledged to the producer and from the offsets that it has for the groups comes the proof at the end.
Exit code 0: the proof holds, and it would not have held if the killed worker's batch had been skipped.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time
from collections import Counter

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

READER = pathlib.Path(__file__).with_name("group_reader.py")
GROUP = "workers"
GUARD_SECONDS = 60
PAUSE_SECONDS = 0.005  # between two records
ASK_SECONDS = 0.1  # between two questions to the node


class Reader:
    """A process of a group and what it has told so far."""

    def __init__(self, name, address, topic, group, told):
        self.name, self.group = name, group
        self.owned, self.read, self.committed = [], [], []
        self.unconfirmed = []  # read, and no word yet that it is committed
        self.committing = False  # it has asked, or is about to ask, for these to be committed
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
        self.committing = event == "committing"
        if self.committing:
            return
        records = [tuple(record) for record in what]
        if event == "read":
            self.read += records
            self.unconfirmed = records
        else:
            self.committed += records
            self.unconfirmed = []

    def kill(self):
        """As kill -9 does: no goodbye to the node. Afterwards all is known that it told."""
        self.killed = True
        self.process_.kill()
        self.process_.wait(GUARD_SECONDS)
        self.listener_.join(GUARD_SECONDS)

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


def committed_offsets(stage, group):
    """As the node has them, by partition; asked from outside of the group."""
    consumer = Consumer({"bootstrap.servers": stage.address, "group.id": group})
    partitions = [TopicPartition(stage.topic, p) for p in range(stage.partitions)]
    found = {t.partition: t.offset for t in consumer.committed(partitions, timeout=GUARD_SECONDS)}
    consumer.close()
    return found


def committed_before_takeover(stage):
    """The workers' offsets when the node had not given the victim up yet: the last such, for at its death its last
    commit may be on the way to the disk. As long as it counts as a member, nobody else commits for its partitions."""
    admin = AdminClient({"bootstrap.servers": stage.address})
    found = None
    while True:
        offsets = committed_offsets(stage, GROUP)
        (about,) = admin.list_groups(GROUP, timeout=GUARD_SECONDS)
        if len(about.members) < len(stage.of(GROUP)):
            return found or sys.exit("the node gave the killed worker up before its offsets could be asked for")
        found = offsets
        time.sleep(ASK_SECONDS)


def play(stage, flow):
    """What happens on the way; returns the worker that was killed, and what was committed when it was."""
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
    offsets = committed_before_takeover(stage)
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
    return victim, offsets


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
    committed = committed_offsets(stage, group)
    return [p for p in sorted(last) if committed[p] != last[p] + 1]


class Story:
    """What the workers told, and `unsaid`: what of its last batch the killed one had committed without knowing it."""

    def __init__(self, victim, others, offsets):
        workers = [victim, *others]
        self.victim = victim
        self.times = Counter(record for r in workers for record in r.read)
        self.twice = {record for record, count in self.times.items() if count > 1}
        self.committed = Counter(record for r in workers for record in r.committed)
        self.unsaid = {(p, offset) for p, offset in victim.unconfirmed if offset < offsets[p]}

    def tell(self, written):
        again = sum(self.committed.values()) - len(self.committed)
        print(f"\nthe group: {len(self.times)} of {len(written)} records read, {len(self.twice)} of them twice")
        print(f"           {len(self.committed)} reported as committed, {again} of them twice")
        print(f"           {self.victim.name} held {len(self.victim.unconfirmed)} when it was killed; of these the node's"
              f" offsets had {len(self.unsaid)} as committed")

    def flaws(self, written):
        if self.unsaid and not self.victim.committing:
            yield "records were committed that the killed worker had not asked to be"
        if set(self.times) != written:
            yield "the group has not read exactly what was written"
        if max(self.times.values()) > 2 or self.twice != set(self.victim.unconfirmed) - self.unsaid:
            yield "what was read twice is not what the killed worker held and had not committed"
        if max(self.committed.values()) > 1 or set(self.committed) | self.unsaid != written:
            yield "not each record was committed once"


class Without:
    """What a reader told, as if it had never got these records."""

    def __init__(self, reader, records):
        self.read = [record for record in reader.read if record not in records]
        self.committed = [record for record in reader.committed if record not in records]


def flaws_of_group(stage, written, victim, offsets):
    others = [r for r in stage.of(GROUP) if r is not victim]
    story = Story(victim, others, offsets)
    story.tell(written)
    yield from story.flaws(written)
    # The proof must be one that can fail: had nobody got again what the victim held and had not committed, it would.
    held = set(victim.unconfirmed)
    begins = {p: min((offset for q, offset in held if q == p), default=0) for p in offsets}
    if held and not list(Story(victim, [Without(r, held) for r in others], begins).flaws(written)):
        yield "this proof does not see a batch that was skipped"


def flaws_of_loner(stage, loner, written):
    times = Counter(loner.read)
    print(f"{loner.name:>9}: {len(times)} of {len(written)} records read, {len(loner.read) - len(times)} of them twice")
    if set(times) != written or len(loner.read) != len(written) or sorted(loner.committed) != sorted(loner.read):
        yield f"{loner.name} has not read each record once"


def prove(stage, written, victim, offsets):
    flaws = list(flaws_of_group(stage, written, victim, offsets))
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
        victim, offsets = play(stage, flow)
    finally:
        for reader in stage.readers:
            if not reader.ended:
                reader.kill()
    show(stage)
    prove(stage, flow.acknowledged, victim, offsets)
    print(f"({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    main()
