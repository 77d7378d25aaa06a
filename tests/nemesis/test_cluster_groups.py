"""Groups whose coordinator's node goes: their members go on with another node, and no committed offset is lost."""

from support.cluster_case import TOPIC, ClusterCase
from support.group_case import OPTIONS, GroupSteps
from support.groups import RETRY
from support.members import ConsumerMember, Member
from support.node import eventually

GROUP = "group"
ROUNDS = 3
# Longer than every guard: no member is given up for what the node lacks.
PATIENT = {"session_ms": 120_000, "rebalance_ms": 120_000}


class Groups(ClusterCase, GroupSteps):
    def setUp(self):
        super().setUp()
        self.cluster(options=OPTIONS)
        self.make_topic()
        self.coordinator = self.found_coordinator()

    def found_coordinator(self, not_=()):
        """A node that all name, and that has the group loaded."""

        def loaded():
            node = self.cluster_.coordinator_of(GROUP)
            if node is None or node in not_ or node in self.cluster_.silent:
                return None
            answer = self.cluster_.ask(node, lambda client: client.fetch_committed(GROUP, TOPIC))
            return node if answer and answer[0] == 0 else None

        return eventually(f"a coordinator of {GROUP}", loaded)

    def at_coordinator(self):
        client = self.cluster_.client(self.coordinator, patience=20)
        self.addCleanup(client.socket.close)
        return client

    def move(self, *members):
        """To the coordinator of now, as clients do that have found it."""
        for member in members:
            member.client.socket.close()
            member.client = self.at_coordinator()

    def answered(self, ask):
        """What it comes to when a client asks again as long as the answer passes."""
        return eventually("an answer for good", lambda: [e] if (e := ask()) not in RETRY else None)[0]

    def formed_at_coordinator(self):
        return self.formed(*[Member(self.at_coordinator(), GROUP, **PATIENT) for _ in range(2)])

    def test_coordinator_killed(self):
        """The members stay what they were: nobody has to join again."""
        first, second = self.formed_at_coordinator()
        for number in range(1, ROUNDS + 1):
            self.commit_well(first, TOPIC, {0: number})
            self.commit_well(second, TOPIC, {1: 10 * number})
            dead = self.coordinator
            self.cluster_.kill(dead)
            self.coordinator = self.found_coordinator(not_=(dead,))
            self.move(first, second)
            self.assertEqual([self.answered(m.heartbeat) for m in (first, second)], [0, 0])
            self.assert_committed(first.client, GROUP, TOPIC, {0: number, 1: 10 * number})
            self.commit_well(second, TOPIC, {2: number})
            self.cluster_.start_again(dead)
            self.cluster_.await_brokers()
            self.cluster_.await_in_sync("__consumer_offsets")
            self.coordinator = self.found_coordinator()
            self.move(first, second)
        self.assert_committed(first.client, GROUP, TOPIC, {0: ROUNDS, 1: 10 * ROUNDS, 2: ROUNDS})

    def test_coordinator_stands_still(self):
        """What it is sent when it goes on is refused, or as good as what the new one says."""
        first, second = self.formed_at_coordinator()
        self.commit_well(first, TOPIC, {0: 1})
        old = self.coordinator
        late = self.cluster_.client(old, patience=20)
        self.addCleanup(late.socket.close)
        self.cluster_.pause(old)
        late.send_commit(GROUP, TOPIC, {0: 2}, generation=first.generation, member=first.id)
        self.coordinator = self.found_coordinator(not_=(old,))
        self.move(first, second)
        self.assertEqual(self.answered(first.heartbeat), 0)
        self.commit_well(first, TOPIC, {0: 3})
        self.cluster_.go_on(old)
        self.assertNotEqual(late.committed(), {0: 0}, "the old coordinator has taken a commit")
        self.cluster_.await_brokers()
        self.coordinator = self.found_coordinator()
        self.assert_committed(self.at_coordinator(), GROUP, TOPIC, {0: 3})

    def test_all_killed(self):
        first, second = self.formed_at_coordinator()
        self.commit_well(first, TOPIC, {0: 7})
        self.cluster_.kill(*self.cluster_)
        self.cluster_.start()
        self.coordinator = self.found_coordinator()
        self.move(first, second)
        self.assertEqual([self.answered(m.heartbeat) for m in (first, second)], [0, 0])
        self.assert_committed(first.client, GROUP, TOPIC, {0: 7})

    def test_coordinator_killed_under_kip_848(self):
        first, second = (ConsumerMember(self.at_coordinator(), GROUP) for _ in range(2))
        self.assertEqual([first.join([TOPIC]), second.join([TOPIC])], [0, 0])
        self.share(3, first, second)
        self.commit_well(first, TOPIC, {0: 5})
        dead = self.coordinator
        self.cluster_.kill(dead)
        self.coordinator = self.found_coordinator(not_=(dead,))
        self.move(first, second)
        self.assertEqual([self.answered(lambda m=m: m.say_all([TOPIC])) for m in (first, second)], [0, 0])
        self.share(3, first, second)
        self.assert_committed(first.client, GROUP, TOPIC, {0: 5})
        self.cluster_.start_again(dead)
        self.cluster_.await_brokers()
