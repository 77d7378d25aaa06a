"""Members of groups with confluent-kafka, in both protocols."""

import os

import confluent_kafka
from confluent_kafka import Consumer, TopicPartition

from membership import Journal, leave_request
from protocol import Unsupported

# librdkafka 2.12, the first in which the consumer protocol is complete.
FIRST_WITH_KIP_848 = 0x020C0000


def group_config(protocol, assignor, session_ms):
    if protocol == "consumer":
        if confluent_kafka.libversion()[1] < FIRST_WITH_KIP_848:
            raise Unsupported("KIP-848 came with 2.12")
        return {"group.protocol": "consumer"}
    config = {"session.timeout.ms": session_ms, "heartbeat.interval.ms": 500}
    return {**config, "partition.assignment.strategy": assignor} if assignor else config


def member(topic, pattern, group, protocol, assignor, instance, commit_below, session_ms):
    config = group_config(protocol, assignor, session_ms)
    leave, journal = leave_request(), Journal(commit_below)
    if instance:
        config["group.instance.id"] = instance
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["BOOTSTRAP"],
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "reconnect.backoff.max.ms": 500,
            **config,
        }
    )

    def named(topic, partition):
        return f"{topic}-{partition}" if pattern else partition

    def place(name, offset):
        where, partition = name.rsplit("-", 1) if pattern else (topic, name)
        return TopicPartition(where, int(partition), offset)

    def commit():
        journal.commit(
            lambda offsets: consumer.commit(offsets=[place(*next_) for next_ in offsets.items()], asynchronous=False)
        )

    def names(partitions):
        return [named(where.topic, where.partition) for where in partitions]

    def on_revoke(_, partitions):
        commit()
        journal.gave_up(names(partitions))

    def on_lost(_, partitions):
        journal.trouble(RuntimeError("partitions lost"))
        journal.forget(names(partitions))
        journal.gave_up(names(partitions))

    consumer.subscribe(
        [pattern or topic],
        on_assign=lambda _, partitions: journal.gained(names(partitions)),
        on_revoke=on_revoke,
        on_lost=on_lost,
    )
    while not leave.is_set():
        message = consumer.poll(0.1)
        if message is None:
            commit()
        elif message.error():
            if message.error().fatal():
                raise confluent_kafka.KafkaException(message.error())
            journal.trouble(RuntimeError(str(message.error())))
        else:
            journal.read(named(message.topic(), message.partition()), message.offset())
            if journal.is_long():
                commit()
    commit()
    journal.leaving()
    consumer.close()


OPERATIONS = {"member": member}
