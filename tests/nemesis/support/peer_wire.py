"""What nodes say to each other, as far as one that is none needs it: a hello by hand, so that each field can lie."""

import random
import socket
import struct
from dataclasses import dataclass

from support import flexible
from support.wire import Client, Reader

HELLO, PING, BULK_PING, RAFT_APPEND = 1, 3, 4, 12
KINDS = range(1, 20)
CONTROL, BULK = 0, 1
OTHER_CLUSTER, OWN_NODE_ID, NODE_ID_TAKEN, OTHER_VERSIONS, MALFORMED = 1, 2, 3, 4, 5


def message(kind, body, version=0):
    return struct.pack(">IBB", len(body) + 2, kind, version) + body


def hello(cluster="", node=99, host="127.0.0.1", port=1, lane=CONTROL, versions=(0, 0), process=None):
    end = flexible.NO_TAGS
    process = random.getrandbits(64) if process is None else process
    at = flexible.string(host) + struct.pack(">H", port) + end
    who = struct.pack(">hh", *versions) + flexible.string(cluster) + struct.pack(">iQ", node, process) + at + end
    return message(HELLO, who + struct.pack(">B", lane) + end)


@dataclass
class Answer:
    cluster: str
    node: int
    refusal: int
    words: str


class PeerClient(Client):
    """A connection to a node's peer port."""

    def hello_answered(self):
        size = struct.unpack(">I", self.receive(4))[0]
        rest = Reader(self.receive(size))
        if rest.take("BB") != (2, 0):
            raise AssertionError("this is no answer to a hello")
        answer = flexible.FlexibleReader.__new__(flexible.FlexibleReader)
        answer.raw_, answer.at_ = rest.raw_, rest.at_
        answer.take("hh")
        cluster, node, _ = answer.string(), *answer.take("iQ")
        answer.string(), answer.take("H"), answer.tags(), answer.tags()
        return Answer(cluster, node, answer.take("b"), answer.string())

    def end_of_sending(self):
        self.socket.shutdown(socket.SHUT_WR)
