"""Clusters that are measured: real processes in folders below one that goes away, but for a failed run, with all."""

import contextlib
import pathlib
import shutil
import sys
import tempfile
import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from support.cluster import NODES, Cluster
from support.node import Node

# Only keeps a hang from hanging the run: on a machine that does other things as well all may take long.
GUARD_SECONDS = 600
POLL_SECONDS = 0.005
QUESTION_SECONDS = 30


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def until(what, condition, pause=POLL_SECONDS):
    """Returns what the condition came to."""
    guard = time.monotonic() + GUARD_SECONDS
    while not (found := condition()):
        if time.monotonic() > guard:
            raise RuntimeError(f"still not so after {GUARD_SECONDS} s: {what}")
        time.sleep(pause)
    return found


@contextlib.contextmanager
def cluster(options, nodes=NODES, **settings):
    """A Stage with this many nodes, which have started and know each other. Settings come with _ for the dots."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chisme-bench-cluster-", dir=options.folder))
    stage = Stage(folder, nodes, {name.replace("_", "."): value for name, value in settings.items()})
    try:
        stage.nodes.start()
        yield stage
    except BaseException:
        print(f"what the nodes said and kept is in {folder}", file=sys.stderr)
        raise
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        for node in stage.nodes:
            node.kill()


class Stage:
    """`nodes` is the Cluster."""

    def __init__(self, folder, count, settings):
        self.folder_, self.made_ = folder, 0
        if count == 1:
            settings = {"seeds": None, "peer.listeners": None, **settings}
        self.nodes = Cluster(self.new_node_, count, count if count > 1 else None, settings)
        self.addresses = ",".join(node.bootstrap for node in self.nodes)
        self.admin_ = AdminClient({"bootstrap.servers": self.addresses, "log_level": 0})

    def new_node_(self, words):
        self.made_ += 1
        folder = self.folder_ / f"node{self.made_}"
        folder.mkdir()
        return Node(folder, words)

    def create_topic(self, name, partitions=1, **configs):
        """Until each partition has a leader. Config names come with _ for the dots."""
        wanted = NewTopic(name, partitions, min(len(self.nodes.nodes), NODES))
        wanted.config = {key.replace("_", "."): value for key, value in configs.items()}
        until(f"topic {name} is made", lambda: self.is_made_(wanted))
        self.await_leaders(name, partitions)

    def is_made_(self, wanted):
        made = self.admin_.create_topics([wanted], operation_timeout=GUARD_SECONDS)
        try:
            made[wanted.topic].result(QUESTION_SECONDS)
        except TimeoutError:
            return False
        except KafkaException as refused:
            # Nobody decides upon topics at the moment, or somebody has without our hearing of it.
            passing = (KafkaError.NOT_CONTROLLER, KafkaError._TIMED_OUT, KafkaError._TRANSPORT)
            if refused.args[0].code() in passing:
                return False
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
        return True

    def delete_topic(self, name):
        self.admin_.delete_topics([name])[name].result(QUESTION_SECONDS)

    def partitions_of(self, topic, node=None):
        """{index: Partition} as that node, or the first one that answers, tells it."""
        asked = [node] if node else self.nodes.awake()
        found = next((m for n in asked if (m := self.nodes.metadata(n, topic))), None)
        return found.topics.get(topic, {}) if found else {}

    def await_leaders(self, topic, count):
        """On each node."""

        def led(node):
            found = self.partitions_of(topic, node)
            return len(found) == count and all(p.leader > 0 for p in found.values())

        until(f"{topic} has its leaders", lambda: all(led(node) for node in self.nodes.awake()), 0.02)

    def await_settled(self, topic):
        """Until each partition is led by the node that it prefers, which says that all replicas are in sync."""
        until(f"{topic} in sync and led where it belongs", lambda: not self.unsettled(topic), 0.05)

    def unsettled(self, topic):
        """What is told of partitions that are not so, by the nodes that should lead them."""
        found = {}
        for index, partition in self.partitions_of(topic).items():
            preferred = self.nodes.nodes[partition.replicas[0]]
            told = self.partitions_of(topic, preferred).get(index)
            if not told or told.leader != preferred.id or sorted(told.in_sync) != sorted(told.replicas):
                found[index] = told
        return found

    def await_copied(self, topic, partitions):
        """Until each node has as many bytes of it as the others."""

        def stored(node):
            return [sum(f.stat().st_size for f in node.segments(topic, p)) for p in range(partitions)]

        def same():
            sizes = [stored(node) for node in self.nodes]
            return all(size == sizes[0] for size in sizes)

        until(f"{topic} is copied", same)
