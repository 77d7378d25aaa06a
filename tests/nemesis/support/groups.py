"""What clients ask of groups, one method a request. Members of both kinds are in members.py."""

import struct
from dataclasses import dataclass, field

from support import flexible
from support.wire import Client, array, data, frame, header, string

OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN, HEARTBEAT, LEAVE, SYNC, DESCRIBE = 8, 9, 10, 11, 12, 13, 14, 15
DELETE_TOPICS, CONSUMER_HEARTBEAT, CONSUMER_DESCRIBE = 20, 68, 69

OFFSET_METADATA_TOO_LARGE, UNKNOWN_TOPIC = 12, 3
LOADING, NOT_AVAILABLE, NOT_COORDINATOR = 14, 15, 16
RETRY = (LOADING, NOT_AVAILABLE, NOT_COORDINATOR)
ILLEGAL_GENERATION, INCONSISTENT_PROTOCOL, INVALID_GROUP_ID, UNKNOWN_MEMBER, REBALANCING = 22, 23, 24, 25, 27
UNSUPPORTED_VERSION, INVALID_REQUEST, GROUP_NOT_FOUND, MEMBER_ID_REQUIRED, FENCED_INSTANCE = 35, 42, 69, 79, 82
FENCED_EPOCH, STALE_EPOCH = 110, 113


@dataclass
class Joined:
    error: int
    generation: int
    leader: str
    member: str
    members: dict = field(default_factory=dict)


@dataclass
class Beaten:
    """The answer to a ConsumerGroupHeartbeat; `assigned` is {topic id: partitions}, None for what is as before."""

    error: int
    member: str
    epoch: int
    assigned: dict


class GroupClient(Client):
    """What waits for other members (joins, syncs) is sent and taken in two steps; no more than one at a time."""

    def begin(self, key, version, body):
        self.sent_ += 1
        self.send(frame(header(key, version, self.sent_) + body))

    def taken(self):
        return self.answer_to_(self.sent_)

    def ask_flexible(self, key, version, body):
        return flexible.FlexibleReader(self.ask(key, version, flexible.NO_TAGS + body))

    def find_coordinator(self, group):
        """The error code."""
        answer = self.ask(FIND_COORDINATOR, 2, string(group) + b"\0")
        return answer.take("ih")[1]

    def send_join(self, group, member="", instance=None, session_ms=10_000, rebalance_ms=10_000, metadata=b""):
        protocols = array([string("range") + data(metadata)])
        body = string(group) + struct.pack(">ii", session_ms, rebalance_ms) + string(member) + string(instance)
        self.begin(JOIN, 5, body + string("consumer") + protocols)

    def joined(self):
        answer = self.taken()
        _, error, generation = answer.take("ihi")
        answer.string()
        leader, member = answer.string(), answer.string()
        members = answer.array(lambda: (answer.string(), answer.string(), answer.data()))
        return Joined(error, generation, leader, member, {m: metadata for m, _, metadata in members})

    def join(self, group, **options):
        self.send_join(group, **options)
        return self.joined()

    def send_sync(self, group, generation, member, assignments=None, instance=None):
        parts = [string(m) + data(assignment) for m, assignment in (assignments or {}).items()]
        body = string(group) + struct.pack(">i", generation) + string(member) + string(instance)
        self.begin(SYNC, 3, body + array(parts))

    def synced(self):
        """(error, assignment)"""
        answer = self.taken()
        return answer.take("ih")[1], answer.data()

    def sync(self, *whom, **options):
        self.send_sync(*whom, **options)
        return self.synced()

    def heartbeat(self, group, generation, member, instance=None):
        body = string(group) + struct.pack(">i", generation) + string(member) + string(instance)
        return self.ask(HEARTBEAT, 3, body).take("ih")[1]

    def leave(self, group, member, instance=None):
        """(error of the whole, error of the member)"""
        answer = self.ask(LEAVE, 3, string(group) + array([string(member) + string(instance)]))
        error = answer.take("ih")[1]
        members = answer.array(lambda: (answer.string(), answer.string(), answer.take("h")))
        return error, members[0][2] if members else None

    def send_commit(self, group, topic, offsets, generation=-1, member="", instance=None, metadata=""):
        """`offsets` is {partition: offset}."""
        parts = [struct.pack(">iqi", p, offset, -1) + string(metadata) for p, offset in offsets.items()]
        body = string(group) + struct.pack(">i", generation) + string(member) + string(instance)
        self.begin(OFFSET_COMMIT, 7, body + array([string(topic) + array(parts)]))

    def committed(self):
        """{partition: error}"""
        answer = self.taken()
        answer.take("i")
        return dict(answer.array(lambda: (answer.string(), answer.array(lambda: answer.take("ih"))))[0][1])

    def commit(self, *what, **options):
        self.send_commit(*what, **options)
        return self.committed()

    def commit_flexible(self, version, group, topic, offsets, epoch=-1, member=""):
        """Versions 8 and 9: from 9 on the errors are those of members that have epochs."""
        end = flexible.NO_TAGS
        parts = [struct.pack(">iqi", p, offset, -1) + flexible.string("") + end for p, offset in offsets.items()]
        body = flexible.string(group) + struct.pack(">i", epoch) + flexible.string(member) + flexible.string(None)
        topics = flexible.array([flexible.string(topic) + flexible.array(parts) + end])
        answer = self.ask_flexible(OFFSET_COMMIT, version, body + topics + end)
        answer.take("i")

        def partition():
            found = answer.take("ih")
            answer.tags()
            return found

        return dict(answer.array(lambda: (answer.string(), answer.array(partition), answer.tags()))[0][1])

    def fetch_committed(self, group, topic, partitions=(0,)):
        """(error, {partition: (offset, metadata)}); one partition's error is as good as one of all."""
        places = array([string(topic) + array([struct.pack(">i", p) for p in partitions])])
        answer = self.ask(OFFSET_FETCH, 5, string(group) + places)
        answer.take("i")

        def partition():
            index, offset, _ = answer.take("iqi")
            return index, (offset, answer.string()), answer.take("h")

        found = [p for _, ps in answer.array(lambda: (answer.string(), answer.array(partition))) for p in ps]
        errors = {answer.take("h"), *(error for _, _, error in found)} - {0}
        return max(errors, default=0), {} if errors else {index: what for index, what, _ in found}

    def fetch_as_member(self, group, topic, member, epoch, partitions=(0,)):
        """Version 9, the first that knows members. (error of the group, {partition: offset})"""
        end = flexible.NO_TAGS
        topics = flexible.array([flexible.string(topic) + flexible.integers(partitions) + end])
        whom = flexible.string(group) + flexible.string(member) + struct.pack(">i", epoch)
        answer = self.ask_flexible(OFFSET_FETCH, 9, flexible.array([whom + topics + end]) + b"\0" + end)
        answer.take("i")

        def partition():
            index, offset, _ = answer.take("iqi")
            answer.string(), answer.take("h"), answer.tags()
            return index, offset

        def found():
            parts = answer.array(lambda: (answer.string(), answer.array(partition), answer.tags()))
            return dict(p for _, ps, _ in parts for p in ps)

        _, offsets, error, _ = answer.array(lambda: (answer.string(), found(), answer.take("h"), answer.tags()))[0]
        return error, offsets

    def state_of(self, group):
        """(state, number of members), as DescribeGroups has them."""
        answer = self.ask(DESCRIBE, 4, array([string(group)]) + b"\0")
        answer.take("iih")
        answer.string()
        state = answer.string()
        answer.string(), answer.string()
        return state, answer.take("i")

    def consumer_state_of(self, group):
        """(error, state), as ConsumerGroupDescribe has them."""
        body = flexible.array([flexible.string(group)]) + b"\0" + flexible.NO_TAGS
        answer = self.ask_flexible(CONSUMER_DESCRIBE, 1, body)
        answer.take("i"), answer.uvarint()
        error = answer.take("h")
        answer.string(), answer.string()
        return error, answer.string()

    def delete_topic(self, name):
        answer = self.ask(DELETE_TOPICS, 1, array([string(name)]) + struct.pack(">i", 30_000))
        answer.take("i")
        return answer.array(lambda: (answer.string(), answer.take("h")))[0][1]

    def send_consumer_heartbeat(self, group, member, epoch, topics=None, owned=None, rebalance_ms=-1):
        """`owned` is {topic id: partitions}; None, as for topics, is: as before."""
        end = flexible.NO_TAGS
        names = None if topics is None else [flexible.string(t) for t in topics]
        parts = None if owned is None else [i + flexible.integers(p) + end for i, p in owned.items()]
        body = flexible.string(group) + flexible.string(member) + struct.pack(">i", epoch) + flexible.string(None) * 2
        body += struct.pack(">i", rebalance_ms) + flexible.array(names) + flexible.string(None) * 2
        self.begin(CONSUMER_HEARTBEAT, 1, end + body + flexible.array(parts) + end)

    def consumer_heartbeaten(self):
        answer = flexible.FlexibleReader(self.taken())
        error = answer.take("ih")[1]
        answer.string()
        member, epoch, _, has_assignment = answer.string(), *answer.take("iib")

        def topic():
            found = answer.bytes(16), answer.array(lambda: answer.take("i"))
            answer.tags()
            return found

        return Beaten(error, member, epoch, None if has_assignment < 0 else dict(answer.array(topic)))

    def consumer_heartbeat(self, *whom, **options):
        self.send_consumer_heartbeat(*whom, **options)
        return self.consumer_heartbeaten()
