"""kafka-python: its consumer without a group, its producer (idempotent by default) and its admin client."""

import collections
import os

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

import kafka_python_group_admin
import kafka_python_groups
import protocol
from protocol import Unsupported

BOOTSTRAP = os.environ["BOOTSTRAP"]
# As many bytes as the broker takes in one batch by default.
LARGEST_REQUEST = 1_048_588
WINDOW = 1000


def admin(call):
    client = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    try:
        return call(client)
    finally:
        client.close()


def create_topic(topic, partitions, configs):
    wanted = {topic: {"num_partitions": partitions, "replication_factor": -1, "configs": configs}}
    admin(lambda client: client.create_topics(wanted))


def delete_topic(topic):
    admin(lambda client: client.delete_topics([topic]))


def list_topics():
    return admin(lambda client: client.list_topics())


def describe_topic(topic):
    (found,) = admin(lambda client: client.describe_topics([topic]))
    return {"partitions": len(found["partitions"])}


def create_partitions(topic, total):
    admin(lambda client: client.create_partitions({topic: total}))


def describe_configs(kind, name):
    resource = ConfigResource(ConfigResourceType[kind.upper()], name)
    found = admin(lambda client: client.describe_configs([resource], config_filter="all"))
    return {key: config["value"] for key, config in found[kind][name].items()}


def alter_configs(kind, name, configs, incremental):
    if incremental:
        configs = {key: ("DELETE", None) if value is None else ("SET", value) for key, value in configs.items()}
    resource = ConfigResource(ConfigResourceType[kind.upper()], name, configs)
    answer = admin(lambda client: client.alter_configs([resource], incremental=incremental))
    if answer[kind][name] != "OK":
        raise RuntimeError(answer[kind][name])
    return None if incremental else "merges"


def delete_records(topic, partition, before):
    admin(lambda client: client.delete_records({TopicPartition(topic, partition): before}))


def produce(topic, codec, idempotent, records):
    records = list(protocol.decode_records(records))
    if any(record["key"] is None and record["value"] is None for record in records):
        raise Unsupported("a record needs a key or a value")
    if any(value is None for record in records for _, value in record["headers"]):
        raise Unsupported("a header value cannot be null")
    producer = KafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        compression_type=None if codec == "none" else codec,
        enable_idempotence=idempotent,
        max_request_size=LARGEST_REQUEST,
        linger_ms=20,
    )
    futures = [
        producer.send(
            topic,
            partition=record["partition"],
            key=record["key"],
            value=record["value"],
            headers=record["headers"],
            timestamp_ms=record["timestamp"],
        )
        for record in records
    ]
    producer.flush()
    offsets = [future.get().offset for future in futures]
    producer.close()
    return offsets


def consumer():
    return KafkaConsumer(
        bootstrap_servers=BOOTSTRAP, group_id=None, enable_auto_commit=False, auto_offset_reset="none"
    )


def consume(topic, partition, start, until):
    reader = consumer()
    where = TopicPartition(topic, partition)
    reader.assign([where])
    if "time" in start:
        reader.seek(where, reader.offsets_for_times({where: start["time"]})[where].offset)
    elif "offset" in start:
        reader.seek(where, start["offset"])
    else:
        reader.seek_to_beginning(where)
    out = []
    while not out or out[-1]["offset"] + 1 < until:
        for message in reader.poll(timeout_ms=1000).get(where, []):
            fields = message.timestamp, message.key, message.value, message.headers
            out.append(protocol.record_to_wire(message.offset, *fields))
    reader.close()
    return out


def list_offsets(topic, partition, spec):
    reader = consumer()
    where = TopicPartition(topic, partition)
    try:
        if spec == "earliest":
            return reader.beginning_offsets([where])[where]
        if spec == "latest":
            return reader.end_offsets([where])[where]
        found = reader.offsets_for_times({where: spec})[where]
        return found.offset if found else None
    finally:
        reader.close()


def init_transactions(id):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=id)
    try:
        producer.init_transactions()
    finally:
        producer.close(timeout=0)


def describe_transactions(id):
    admin(lambda client: client.describe_transactions([id]))


def list_transactions(id):
    admin(lambda client: client.list_transactions())


def write(topic, partitions, count, size, idempotent):
    producer = KafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        acks="all",
        enable_idempotence=idempotent,
        # Without idempotence only a single request in flight keeps the order over retries.
        max_in_flight_requests_per_connection=5 if idempotent else 1,
        delivery_timeout_ms=300_000,
        reconnect_backoff_max_ms=500,
        linger_ms=2,
    )
    waiting = collections.deque()

    def settle(keep):
        while len(waiting) > keep:
            number, future = waiting.popleft()
            done = future.get()
            protocol.say({"acked": [[number, done.partition, done.offset]]})

    for i in range(count):
        waiting.append((i, producer.send(topic, protocol.numbered_value(i, size), partition=i % partitions)))
        settle(keep=WINDOW)
    producer.flush()
    settle(keep=0)
    producer.close()


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
        "describe_transactions": describe_transactions,
        "list_transactions": list_transactions,
        "write": write,
        **kafka_python_groups.OPERATIONS,
        **kafka_python_group_admin.operations(admin),
    }
)
