"""Several nodes that are one cluster, in the place of one broker: clients are given the addresses of all of them."""

import pathlib
import socket
import struct
import time

from .broker import POLL_SECONDS, READY_GUARD_SECONDS, STOP_GUARD_SECONDS, Broker, free_port
from .configs import exactly, text

METADATA, FIND_COORDINATOR = 3, 10
QUESTION_SECONDS = 5


class Answer:
    """What is left to be read of it."""

    def __init__(self, raw):
        self.raw_, self.at_ = raw, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.raw_, self.at_)
        self.at_ += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def skip_text(self):
        self.at_ += max(0, self.take("h"))

    def array(self, read):
        return [read() for _ in range(max(0, self.take("i")))]


def ask(port, key, version, body):
    request = struct.pack(">hhih", key, version, 7, -1) + body
    with socket.create_connection(("127.0.0.1", port), timeout=QUESTION_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", exactly(connection, 4))
        answer = Answer(exactly(connection, size))
    answer.take("i")
    return answer


def metadata(port, *topics):
    """(ids of the brokers, {(topic's number in the question, partition): leader}), as Metadata v1 has them."""
    answer = ask(port, METADATA, 1, struct.pack(">i", len(topics)) + b"".join(map(text, topics)))

    def broker():
        found = answer.take("i")
        answer.skip_text(), answer.take("i"), answer.skip_text()
        return found

    def partition():
        _, index, leader = answer.take("hii")
        answer.array(lambda: answer.take("i")), answer.array(lambda: answer.take("i"))
        return index, leader

    def topic():
        answer.take("h"), answer.skip_text(), answer.take("?")
        return dict(answer.array(partition))

    brokers = answer.array(broker)
    answer.take("i")
    return sorted(brokers), answer.array(topic)


def coordinator(port, group):
    answer = ask(port, FIND_COORDINATOR, 0, text(group))
    error, node = answer.take("hi")
    return node if error == 0 else None


class Cluster:
    """As Broker; what it does to the broker it does to all nodes, but where one is meant."""

    def __init__(self, command_for, data, log_path, nodes):
        peers = [f"127.0.0.1:{free_port()}" for _ in range(nodes)]
        self.nodes_ = {}
        for number, at in enumerate(peers, 1):
            words = ["--node.id", number, "--peer.listeners", at, "--seeds", ",".join(peers), "--expect", nodes]
            log = log_path.with_name(f"{log_path.stem}-{number}{log_path.suffix}")
            command = lambda data, port, words=words: [*command_for(data, port), *words]
            self.nodes_[number] = Broker(command, pathlib.Path(f"{data}-{number}"), log)
        self.port = self.nodes_[1].port
        self.bootstrap = ",".join(node.bootstrap for node in self.nodes_.values())

    def start(self):
        """Those that do not run; returns once all know of all."""
        for node in self.nodes_.values():
            if not node.running():
                node.start_process()
        for node in self.nodes_.values():
            node.await_answer()
        for node in self.nodes_.values():
            self.await_("the nodes know each other", lambda node=node: metadata(node.port)[0] == sorted(self.nodes_))

    def running(self):
        return all(node.running() for node in self.nodes_.values())

    def kill(self):
        for node in self.nodes_.values():
            node.kill()

    def kill_leader(self, topic, partition):
        self.nodes_[self.leader_of_(topic, partition)].kill()

    def kill_coordinator(self, group):
        self.nodes_[self.await_(f"a coordinator of {group}", lambda: coordinator(self.port, group))].kill()

    def data_of(self, topic, partition):
        return self.nodes_[self.leader_of_(topic, partition)].data

    def stop(self):
        """All at the same time; the first exit code that is not 0."""
        for node in self.nodes_.values():
            node.terminate()
        codes = [node.await_end() for node in self.nodes_.values()]
        return next((code for code in codes if code != 0), 0)

    def leader_of_(self, topic, partition):
        def led():
            leader = metadata(self.port, topic)[1][0].get(partition)
            return leader if leader in self.nodes_ else None

        return self.await_(f"a leader of {topic}-{partition}", led)

    def await_(self, what, ask_for):
        guard = time.monotonic() + READY_GUARD_SECONDS
        while True:
            try:
                if found := ask_for():
                    return found
            except (OSError, RuntimeError, struct.error):
                pass  # a node that starts or ends
            if time.monotonic() > guard:
                raise RuntimeError(f"never seen: {what}")
            time.sleep(POLL_SECONDS)
