"""What is asked of a cluster and not of a node: who is there, who leads what, who coordinates a group."""

import struct
from dataclasses import dataclass, field

from support.groups import FIND_COORDINATOR, GroupClient
from support.wire import METADATA, array, string

INIT_PRODUCER_ID = 22
ALL_TOPICS = struct.pack(">i", -1)


@dataclass
class Partition:
    error: int
    leader: int
    epoch: int
    replicas: list
    in_sync: list


@dataclass
class Metadata:
    brokers: dict  # id -> port
    cluster: str
    controller: int
    topics: dict = field(default_factory=dict)  # name -> {index: Partition}

    def partition(self, topic, index):
        return self.topics.get(topic, {}).get(index)


class ClusterClient(GroupClient):
    def metadata(self, *topics):
        """Of these topics, none of which is created by that; of all where none is named."""
        asked = array([string(t) for t in topics]) if topics else ALL_TOPICS
        answer = self.ask(METADATA, 7, asked + b"\0")
        answer.take("i")

        def broker():
            number, _, port, _ = answer.take("i"), answer.string(), answer.take("i"), answer.string()
            return number, port

        def numbers():
            return answer.array(lambda: answer.take("i"))

        def partition():
            error, index, leader, epoch = answer.take("hiii")
            replicas, in_sync, _ = numbers(), numbers(), numbers()
            return index, Partition(error, leader, epoch, replicas, in_sync)

        def topic():
            _, name, _ = answer.take("h"), answer.string(), answer.take("?")
            return name, dict(answer.array(partition))

        brokers = dict(answer.array(broker))
        return Metadata(brokers, answer.string(), answer.take("i"), dict(answer.array(topic)))

    def coordinator_of(self, group):
        """(error, id of the node)"""
        answer = self.ask(FIND_COORDINATOR, 2, string(group) + b"\0")
        _, error = answer.take("ih")
        answer.string()
        return error, answer.take("i")

    def new_producer(self):
        """(error, producer id, epoch) for an idempotent producer."""
        answer = self.ask(INIT_PRODUCER_ID, 1, string(None) + struct.pack(">i", 60_000))
        _, error, producer, epoch = answer.take("ihqh")
        return error, producer, epoch
