"""Members of groups, of both kinds: a connection each, and what a client remembers between its requests."""

import uuid

from support.groups import MEMBER_ID_REQUIRED


class Member:
    """Of the classic protocol."""

    def __init__(self, client, group, instance=None, **timeouts):
        self.client, self.group, self.instance = client, group, instance
        self.id, self.generation, self.leads, self.others = "", -1, False, {}
        self.options_ = timeouts

    def send_join(self):
        self.client.send_join(self.group, member=self.id, instance=self.instance, **self.options_)

    def ask_for_id(self):
        """What a client of today does first; static members are added at once."""
        self.send_join()
        answer = self.client.joined()
        assert answer.error == MEMBER_ID_REQUIRED, f"error {answer.error} where a member id was due"
        self.id = answer.member

    def begin_join(self):
        if not self.id and not self.instance:
            self.ask_for_id()
        self.send_join()

    def joined(self):
        """The error code."""
        answer = self.client.joined()
        if answer.error == 0:
            self.id, self.generation = answer.member, answer.generation
            self.leads, self.others = answer.leader == answer.member, answer.members
        return answer.error

    def join(self):
        self.begin_join()
        return self.joined()

    def begin_sync(self, assignments=None):
        self.client.send_sync(self.group, self.generation, self.id, assignments, self.instance)

    def synced(self):
        return self.client.synced()

    def sync(self, assignments=None):
        self.begin_sync(assignments)
        return self.synced()

    def heartbeat(self):
        return self.client.heartbeat(self.group, self.generation, self.id, self.instance)

    def commit(self, topic, offsets, **options):
        whom = {"generation": self.generation, "member": self.id, "instance": self.instance}
        return self.client.commit(self.group, topic, offsets, **(whom | options))

    def leave(self):
        return self.client.leave(self.group, self.id, self.instance)


class ConsumerMember:
    """Of KIP-848: its epoch is the node's word for where it stands."""

    def __init__(self, client, group, rebalance_ms=10_000):
        self.client, self.group, self.rebalance_ms_ = client, group, rebalance_ms
        self.id, self.epoch, self.owned = str(uuid.uuid4()), 0, {}

    def send_join(self, topics):
        said = {"topics": topics, "owned": self.owned, "rebalance_ms": self.rebalance_ms_}
        self.client.send_consumer_heartbeat(self.group, self.id, self.epoch, **said)

    def send_heartbeat(self):
        self.client.send_consumer_heartbeat(self.group, self.id, self.epoch, owned=self.owned)

    def answered(self):
        """The error code; what was assigned is owned, what is not assigned any more is given up at once."""
        answer = self.client.consumer_heartbeaten()
        if answer.error == 0:
            self.epoch = answer.epoch
            self.owned = self.owned if answer.assigned is None else answer.assigned
        return answer.error

    def join(self, topics):
        self.send_join(topics)
        return self.answered()

    def say_all(self, topics):
        """What a client does when an answer was lost: the node then says all, too."""
        return self.join(topics)

    def heartbeat(self):
        self.send_heartbeat()
        return self.answered()

    def send_leave(self):
        self.client.send_consumer_heartbeat(self.group, self.id, -1)

    def leave(self):
        self.send_leave()
        return self.client.consumer_heartbeaten().error

    def commit(self, topic, offsets, **options):
        whom = {"epoch": self.epoch, "member": self.id}
        return self.client.commit_flexible(9, self.group, topic, offsets, **(whom | options))

    def fetch_committed(self, topic, **options):
        """(error of the group, {partition: offset})"""
        whom = {"epoch": self.epoch, "member": self.id}
        return self.client.fetch_as_member(self.group, topic, **(whom | options))
