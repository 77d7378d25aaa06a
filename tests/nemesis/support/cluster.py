"""Several nodes that are one cluster, on ports and folders that stay the same over restarts."""

import shutil
import signal

from harness.broker import free_port
from support.cluster_client import ClusterClient
from support.node import eventually
from support.wire import Closed

NODES = 3
# For a question that may have to be asked of another node instead: far longer than a round trip takes.
PATIENCE_SECONDS = 1.5
NO_ANSWER = (Closed, OSError)


def local(port):
    return f"127.0.0.1:{port}"


class Cluster:
    """`new_node(options)` makes a node that is not started. A node that is down, or that stands still, is in
    `silent`: nobody is asked what only it could answer. `way_to(number, port)`: the port where other nodes reach the one
    that listens on that port, for what stands in between (links.py)."""

    def __init__(self, new_node, count=NODES, expect=NODES, options=None, way_to=lambda number, port: port):
        self.new_node_, self.options_ = new_node, {"expect": expect, **(options or {})}
        ports = {number: free_port() for number in range(1, count + 1)}
        ways = {number: way_to(number, port) for number, port in ports.items()}
        self.seeds = [local(way) for way in ways.values()]
        self.nodes, self.silent = {}, set()
        for number, port in ports.items():
            advertised = local(ways[number]) if ways[number] != port else None
            self.make_(number, port, **{"advertised.peer.listener": advertised})

    def make_(self, number, port, **options):
        words = {"node.id": number, "peer.listeners": local(port), "seeds": ",".join(self.seeds)}
        words |= {**self.options_, **options}
        node = self.new_node_({name: value for name, value in words.items() if value is not None})
        node.id, node.peer_port = number, port
        self.nodes[number] = node
        self.silent.add(node)
        return node

    def add(self, **options):
        """One more node, not started, that is given the same seeds, and is to join what is there."""
        return self.make_(max(self.nodes) + 1, free_port(), **{"expect": None, **options})

    def __iter__(self):
        return iter(self.nodes.values())

    def start(self, *nodes):
        """In this order; all of them without any."""
        for node in nodes or self:
            node.start_process()
            self.silent.discard(node)
        self.await_brokers()

    def start_again(self, node):
        """Without waiting for anything."""
        node.start_process()
        self.silent.discard(node)

    def kill(self, *nodes):
        """kill -9; several at once, as far as one process can do that."""
        for node in nodes:
            self.silent.add(node)
            node.signal(signal.SIGKILL)
        for node in nodes:
            node.kill()

    def terminate(self, node):
        """SIGTERM; returns the exit code."""
        self.silent.add(node)
        return node.stop()

    def pause(self, node):
        """Every thread of it stands still when this returns."""
        self.silent.add(node)
        node.signal(signal.SIGSTOP)
        eventually(f"node {node.id} stands still", node.stands_still)

    def go_on(self, node):
        node.signal(signal.SIGCONT)
        self.silent.discard(node)

    def empty(self, node):
        """As after its disk was replaced: killed, without data, and started as it was."""
        self.kill(node)
        shutil.rmtree(node.data)
        self.start_again(node)

    def awake(self):
        return [node for node in self if node not in self.silent]

    def client(self, node, **options):
        return ClusterClient(node.port, **({"patience": PATIENCE_SECONDS} | options))

    def ask(self, node, question):
        """What question(client) returns, None where this node does not answer."""
        try:
            with self.client(node) as client:
                return question(client)
        except NO_ANSWER:
            return None

    def first_answer(self, question):
        """Of the first node that has one."""
        for node in self.awake():
            if answer := self.ask(node, question):
                return answer
        return None

    def metadata(self, node, *topics):
        return self.ask(node, lambda client: client.metadata(*topics))

    def await_brokers(self, nodes=None):
        """Until each node that is awake knows exactly these (all that are awake); they can be written to then."""
        wanted = {node.id: node.port for node in nodes or self.awake()}

        def known():
            found = [self.metadata(node) for node in self.awake()]
            return all(m and m.brokers == wanted and m.controller in wanted for m in found)

        eventually(f"every node lists the nodes {sorted(wanted)} and a controller", known)

    def leader_of(self, topic, partition=0):
        """The node that leads it in the newest epoch that any node has heard of; None while there is none."""
        found = [m.partition(topic, partition) for node in self.awake() if (m := self.metadata(node, topic))]
        newest = max((p for p in found if p), key=lambda p: p.epoch, default=None)
        return self.nodes.get(newest.leader) if newest and newest.error == 0 else None

    def await_leader(self, topic, partition=0, not_=()):
        """A node that is awake, says itself that it leads, and is none of `not_`."""

        def leads():
            node = self.leader_of(topic, partition)
            if node is None or node in self.silent or node in not_:
                return None
            answer = self.ask(node, lambda client: client.list_offset(topic, -1, partition))
            return node if answer and answer[0] == 0 else None

        return eventually(f"a leader of {topic}-{partition}", leads)

    def replicas_of(self, topic, partition):
        """The nodes that are awake and are to have a copy."""
        replicas = self.first_answer(lambda client: client.metadata(topic).partition(topic, partition).replicas)
        return [node for node in self.awake() if node.id in replicas]

    def await_in_sync(self, topic):
        """Until the leader of each partition says that all its replicas are in sync."""

        def whole(partition):
            leader = self.leader_of(topic, partition)
            metadata = leader and leader not in self.silent and self.metadata(leader, topic)
            found = metadata and metadata.partition(topic, partition)
            return found and sorted(found.in_sync) == sorted(found.replicas)

        partitions = self.first_answer(lambda client: client.metadata(topic).topics[topic])
        for partition in partitions:
            eventually(f"all replicas of {topic}-{partition} in sync", lambda p=partition: whole(p))

    def coordinator_of(self, group):
        """The node that all that are awake name; None while they do not."""

        def named(client):
            error, number = client.coordinator_of(group)
            return number if error == 0 else None

        found = {self.ask(node, named) for node in self.awake()}
        return self.nodes.get(found.pop()) if len(found) == 1 else None
