"""Groups and their committed offsets with the admin client of kafka-python."""

from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata


def expect_none_failed(errors):
    for where, error in errors.items():
        if error.errno != 0:
            raise RuntimeError(f"{where}: {error.__name__}")


def operations(admin):
    """admin(call) runs call(client)."""

    def list_groups():
        return [group["group_id"] for group in admin(lambda client: client.list_groups())]

    def describe_group(group):
        found = admin(lambda client: client.describe_groups([group]))[group]
        if found["error"]:
            raise RuntimeError(found["error"])
        return {"state": found["group_state"], "members": len(found["members"])}

    def group_offsets(group, topic):
        found = admin(lambda client: client.list_group_offsets(group))[group]
        return [[w.partition, at.offset] for w, at in found.items() if w.topic == topic and at.offset >= 0]

    def alter_group_offsets(group, topic, offsets):
        wanted = {TopicPartition(topic, partition): OffsetAndMetadata(at, "", -1) for partition, at in offsets}
        expect_none_failed(admin(lambda client: client.alter_group_offsets(group, wanted)))

    def delete_group_offsets(group, topic, partitions):
        where = [TopicPartition(topic, partition) for partition in partitions]
        expect_none_failed(admin(lambda client: client.delete_group_offsets(group, where)))

    def delete_group(group):
        answer = admin(lambda client: client.delete_groups([group]))[group]
        if answer != "OK":
            raise RuntimeError(answer)

    return {
        "list_groups": list_groups,
        "describe_group": describe_group,
        "group_offsets": group_offsets,
        "alter_group_offsets": alter_group_offsets,
        "delete_group_offsets": delete_group_offsets,
        "delete_group": delete_group,
    }
