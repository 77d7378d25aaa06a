"""confluent-kafka (librdkafka): Debian's 1.7 and the newest run this same program.

What the old one lacks (incremental configs, delete records, list by spec) is answered as unsupported.
"""

import os

import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition, admin

import confluent_group_admin
import confluent_groups
import protocol
from protocol import Unsupported

BOOTSTRAP = {"bootstrap.servers": os.environ["BOOTSTRAP"]}
# One batch may be as large as the broker takes by default.
LARGE = {"message.max.bytes": 1_048_588}
# Long enough to outlive every restart of the broker.
PATIENT = {
    "message.timeout.ms": 300_000,
    "retries": 1_000_000,
    "retry.backoff.ms": 50,
    "reconnect.backoff.max.ms": 500,
}


# Kept for the whole run: futures of an admin client that is gone fail.
ADMIN = admin.AdminClient(BOOTSTRAP)


def results(futures):
    return [future.result() for future in futures.values()]


def create_topic(topic, partitions, configs):
    results(ADMIN.create_topics([admin.NewTopic(topic, partitions, -1, config=configs)]))


def delete_topic(topic):
    results(ADMIN.delete_topics([topic]))


def list_topics():
    return list(ADMIN.list_topics(timeout=30).topics)


def describe_topic(topic):
    return {"partitions": len(ADMIN.list_topics(topic, timeout=30).topics[topic].partitions)}


def create_partitions(topic, total):
    results(ADMIN.create_partitions([admin.NewPartitions(topic, total)]))


def config_resource(kind, name, **changes):
    if kind == "group" and not hasattr(admin.ConfigSource, "GROUP_CONFIG"):
        raise Unsupported("the library knows no configs of groups")
    return admin.ConfigResource(kind, name, **changes)


def describe_configs(kind, name):
    (entries,) = results(ADMIN.describe_configs([config_resource(kind, name)]))
    return {name: entry.value for name, entry in entries.items()}


def alter_configs(kind, name, configs, incremental):
    if not incremental:
        results(ADMIN.alter_configs([config_resource(kind, name, set_config=configs)]))
        return
    if not hasattr(admin.AdminClient, "incremental_alter_configs"):
        raise Unsupported("incremental_alter_configs came with 2.2")
    set_op, delete_op = admin.AlterConfigOpType.SET, admin.AlterConfigOpType.DELETE
    entries = [
        admin.ConfigEntry(key, value, incremental_operation=delete_op if value is None else set_op)
        for key, value in configs.items()
    ]
    results(ADMIN.incremental_alter_configs([config_resource(kind, name, incremental_configs=entries)]))


def delete_records(topic, partition, before):
    if not hasattr(admin.AdminClient, "delete_records"):
        raise Unsupported("delete_records came with 2.5")
    results(ADMIN.delete_records([TopicPartition(topic, partition, before)]))


def produce(topic, codec, idempotent, records):
    records = list(protocol.decode_records(records))
    producer = Producer(
        {**BOOTSTRAP, **LARGE, "compression.type": codec, "enable.idempotence": idempotent, "linger.ms": 20}
    )
    offsets = [None] * len(records)
    errors = []

    def on_delivery(index):
        def delivered(error, message):
            if error:
                errors.append(str(error))
            else:
                offsets[index] = message.offset()

        return delivered

    for i, record in enumerate(records):
        producer.produce(
            topic,
            partition=record["partition"],
            key=record["key"],
            value=record["value"],
            headers=record["headers"],
            timestamp=record["timestamp"] or 0,
            on_delivery=on_delivery(i),
        )
    producer.flush()
    if errors:
        raise RuntimeError(errors[0])
    return offsets


def consumer():
    # assign() needs no group on the broker, but the library insists on a name.
    return Consumer(
        {**BOOTSTRAP, "group.id": "none", "enable.auto.commit": False, "auto.offset.reset": "error"}
    )


def consume(topic, partition, start, until):
    reader = consumer()
    offset = start.get("offset", confluent_kafka.OFFSET_BEGINNING)
    if "time" in start:
        (found,) = reader.offsets_for_times([TopicPartition(topic, partition, start["time"])], timeout=30)
        offset = found.offset
    reader.assign([TopicPartition(topic, partition, offset)])
    out = []
    while not out or out[-1]["offset"] + 1 < until:
        message = reader.poll(1)
        if message is None:
            continue
        if message.error():
            raise RuntimeError(str(message.error()))
        fields = message.timestamp()[1], message.key(), message.value(), message.headers()
        out.append(protocol.record_to_wire(message.offset(), *fields))
    reader.close()
    return out


def list_offsets(topic, partition, spec):
    reader = consumer()
    where = TopicPartition(topic, partition)
    if spec in ("earliest", "latest"):
        low, high = reader.get_watermark_offsets(where, timeout=30)
        return low if spec == "earliest" else high
    where.offset = spec
    (found,) = reader.offsets_for_times([where], timeout=30)
    return found.offset if found.offset >= 0 else None


def init_transactions(id):
    # The library's default is to wait for ever.
    Producer({**BOOTSTRAP, "transactional.id": id}).init_transactions(60)


def write(topic, partitions, count, size, idempotent):
    # Without idempotence only a single request in flight keeps the order over retries.
    order = {"enable.idempotence": True} if idempotent else {"max.in.flight": 1}
    producer = Producer(
        {**BOOTSTRAP, **PATIENT, **order, "acks": "all", "linger.ms": 2, "queue.buffering.max.messages": 1000}
    )

    def on_delivery(number):
        def delivered(error, message):
            if error is None:
                protocol.say({"acked": [[number, message.partition(), message.offset()]]})

        return delivered

    for i in range(count):
        value = protocol.numbered_value(i, size)
        while True:
            try:
                producer.produce(topic, value, partition=i % partitions, on_delivery=on_delivery(i))
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    producer.flush()


protocol.serve(
    {
        "create_topic": create_topic,
        "delete_topic": delete_topic,
        "list_topics": list_topics,
        "describe_topic": describe_topic,
        "create_partitions": create_partitions,
        "describe_configs": describe_configs,
        "alter_configs": alter_configs,
        "delete_records": delete_records,
        "produce": produce,
        "consume": consume,
        "list_offsets": list_offsets,
        "init_transactions": init_transactions,
        "write": write,
        **confluent_groups.OPERATIONS,
        **confluent_group_admin.operations(ADMIN),
    }
)
