"""Groups and their committed offsets with the admin client of confluent-kafka; Debian's has only list_groups."""

import confluent_kafka
from confluent_kafka import TopicPartition

from protocol import Unsupported


def operations(client):
    def needs(method):
        if not hasattr(client, method):
            raise Unsupported(f"{method} came with 2.0")

    def only(futures):
        (future,) = futures.values()
        return future.result()

    def of_group(group, partitions):
        # Not there in Debian's.
        return [confluent_kafka.ConsumerGroupTopicPartitions(group, partitions)]

    def list_groups():
        if hasattr(client, "list_consumer_groups"):
            # Waits for a broker. The older call fails at once while the client, after a restart of the node, has
            # gone back to its bootstrap address and knows no broker by its number.
            found = client.list_consumer_groups(request_timeout=30).result()
            for error in found.errors:
                raise error
            return [group.group_id for group in found.valid]
        return [group.id for group in client.list_groups(timeout=30)]

    def describe_group(group):
        if hasattr(client, "describe_consumer_groups"):
            found = only(client.describe_consumer_groups([group]))
            return {"state": found.state.name, "members": len(found.members)}
        (found,) = client.list_groups(group, timeout=30)
        return {"state": found.state, "members": len(found.members)}

    def group_offsets(group, topic):
        needs("list_consumer_group_offsets")
        found = only(client.list_consumer_group_offsets(of_group(group, None)))
        return [[w.partition, w.offset] for w in found.topic_partitions if w.topic == topic and w.offset >= 0]

    def alter_group_offsets(group, topic, offsets):
        needs("alter_consumer_group_offsets")
        wanted = [TopicPartition(topic, partition, offset) for partition, offset in offsets]
        for where in only(client.alter_consumer_group_offsets(of_group(group, wanted))).topic_partitions:
            if where.error:
                raise RuntimeError(str(where.error))

    def delete_group(group):
        needs("delete_consumer_groups")
        only(client.delete_consumer_groups([group]))

    return {
        "list_groups": list_groups,
        "describe_group": describe_group,
        "group_offsets": group_offsets,
        "alter_group_offsets": alter_group_offsets,
        "delete_group": delete_group,
    }
