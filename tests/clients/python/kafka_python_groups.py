"""Members of groups with kafka-python."""

import os

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import OffsetAndMetadata

from membership import COMMIT_EVERY, Journal, leave_request
from protocol import Unsupported

ASSIGNORS = {"range": RangePartitionAssignor, "cooperative-sticky": CooperativeStickyAssignor}


class Listener(ConsumerRebalanceListener):
    def __init__(self, journal, commit):
        self.journal_, self.commit_ = journal, commit

    def on_partitions_assigned(self, assigned):
        self.journal_.gained(where.partition for where in assigned)

    def on_partitions_revoked(self, revoked):
        self.commit_()
        self.journal_.gave_up(where.partition for where in revoked)

    def on_partitions_lost(self, lost):
        numbers = [where.partition for where in lost]
        self.journal_.trouble(RuntimeError("partitions lost"))
        self.journal_.forget(numbers)
        self.journal_.gave_up(numbers)


def member(topic, pattern, group, protocol, assignor, instance, commit_below, session_ms):
    if protocol == "consumer":
        raise Unsupported("the library has no KIP-848")
    leave, journal = leave_request(), Journal(commit_below)
    consumer = KafkaConsumer(
        bootstrap_servers=os.environ["BOOTSTRAP"],
        group_id=group,
        group_instance_id=instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=500,
        reconnect_backoff_max_ms=500,
        max_poll_records=COMMIT_EVERY,
        **({"partition_assignment_strategy": [ASSIGNORS[assignor]]} if assignor else {}),
    )

    def commit():
        journal.commit(
            lambda offsets: consumer.commit(
                {
                    TopicPartition(topic, partition): OffsetAndMetadata(next_, "", -1)
                    for partition, next_ in offsets.items()
                }
            )
        )

    consumer.subscribe([topic], listener=Listener(journal, commit))
    while not leave.is_set():
        for records in consumer.poll(timeout_ms=100).values():
            for record in records:
                journal.read(record.partition, record.offset)
        commit()
    journal.leaving()
    consumer.close()


OPERATIONS = {"member": member}
