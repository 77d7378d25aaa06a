"""What every check works with: a client, a broker, and the operations of one upon the other."""

import time

from . import records as rec
from .client import ClientFailed, Unsupported, records_from_wire, records_to_wire
from .member import Member

POLL_SECONDS = 0.05
# A promise without a bound in time ("the topic appears in the metadata") counts as broken after this long.
EVENTUALLY_GUARD_SECONDS = 30
GROUP_GUARD_SECONDS = 120


def expect(holds, message):
    if not holds:
        raise AssertionError(message)


def eventually(what, read, wanted):
    """Polls read() until wanted(value) holds; returns the value."""
    guard = time.monotonic() + EVENTUALLY_GUARD_SECONDS
    while not wanted(value := read()):
        expect(time.monotonic() < guard, f"{what}: still {rec.show(value)}")
        time.sleep(POLL_SECONDS)
    return value


def waiting_for(what, holds, describe):
    """Polls until holds() says so; for what may take a session timeout and several rounds of heartbeats."""
    guard = time.monotonic() + GROUP_GUARD_SECONDS
    while not holds():
        expect(time.monotonic() < guard, f"waited {GROUP_GUARD_SECONDS} s: {what}; {describe()}")
        time.sleep(POLL_SECONDS)


class Context:
    def __init__(self, client, broker, library, commands):
        self.client = client
        self.broker = broker
        self.name = library.name
        self.sets_timestamps = library.sets_timestamps
        self.repeats = library.repeats
        # The programs of all clients that are installed, by name.
        self.commands = commands

    def member(self, label, command=None, **fields):
        """A new member of a group; of another client if `command` names it."""
        name = command or self.name
        log = self.client.log_path
        return Member(f"{name} {label}", self.commands[name], self.broker.bootstrap, log, **fields)

    def topic(self, label, partitions=3, configs=None):
        """Creates topic `label`; a client without such a function relies on auto-creation (3 partitions)."""
        try:
            self.client.call("create_topic", topic=label, partitions=partitions, configs=configs or {})
            self.await_leaders(label, partitions)
        except Unsupported:
            if partitions != 3 or configs:
                raise
        return label

    def produce(self, topic, rows, codec="none", idempotent=False):
        """Writes the rows and checks the acknowledged offsets: dense per partition, from 0 (the topic is new)."""
        fields = {"topic": topic, "codec": codec, "idempotent": idempotent, "records": records_to_wire(rows)}
        offsets = self.client.call("produce", **fields)
        expect(len(offsets) == len(rows), f"{len(rows)} records sent, {len(offsets)} acknowledged")
        seen = {}
        for row, offset in zip(rows, offsets):
            wanted = seen.get(row["partition"], 0)
            seen[row["partition"]] = wanted + 1
            where = f"{topic}-{row['partition']}"
            expect(offset in (wanted, None), f"{where}: acknowledged as offset {offset}, not {wanted}")
            row["offset"] = wanted

    def consume(self, topic, partition, start, until):
        """Reads [start, until); start is {"beginning": True}, {"offset": n} or {"time": ms}."""
        if until == 0:
            return []
        fields = {"topic": topic, "partition": partition, "start": start, "until": until}
        return records_from_wire(self.client.call("consume", **fields))

    def offset(self, topic, partition, spec):
        """spec: "earliest", "latest" or a time in ms; None when no record is that young."""
        return self.client.call("list_offsets", topic=topic, partition=partition, spec=spec)

    def await_leaders(self, topic, partitions=3):
        """After a start or creation a broker may say "not leader" for a while, and not all calls of clients retry."""

        def led(partition):
            try:
                return self.offset(topic, partition, "earliest") is not None
            except ClientFailed:
                return False

        for partition in range(partitions):
            eventually(
                f"{topic}-{partition} is served", lambda where=partition: led(where), lambda answer: answer
            )

    def configs(self, kind, name):
        """Of a "topic" or a "group"."""
        return self.client.call("describe_configs", kind=kind, name=name)

    def alter_configs(self, kind, name, configs, incremental=True):
        """A value None resets; without `incremental` everything that is not named is reset."""
        return self.client.call("alter_configs", kind=kind, name=name, configs=configs, incremental=incremental)

    def partitions(self, topic):
        return self.client.call("describe_topic", topic=topic)["partitions"]

    def expect_stored(self, topic, rows, partitions=3):
        """Every partition holds exactly these rows, in this order, at dense offsets."""
        for partition in range(partitions):
            wanted = rec.of_partition(rows, partition)
            where = f"{topic}-{partition}"
            end = self.offset(topic, partition, "latest")
            expect(end == len(wanted), f"{where}: latest offset {end}, {len(wanted)} records acknowledged")
            found = self.consume(topic, partition, {"beginning": True}, end)
            offsets = [row["offset"] for row in found]
            expect(
                offsets == list(range(end)),
                f"{where}: offsets read are not 0..{end - 1}: {rec.show(offsets)}",
            )
            wrong = rec.difference(wanted, found, self.sets_timestamps)
            expect(wrong is None, f"{where}: {wrong}")
