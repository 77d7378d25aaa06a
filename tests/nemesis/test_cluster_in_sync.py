"""Who leads, and who has what his leader has, as every node tells it without anything being written."""

from support.cluster_case import ClusterCase
from support.node import eventually

TOPIC = "idle"
MANY = 100
ROUNDS = 4


class InSync(ClusterCase):
    def await_told(self, nodes):
        """By every node that is awake, of every partition."""
        wanted = sorted(node.id for node in nodes)

        def told():
            found = [self.cluster_.metadata(node, TOPIC) for node in self.cluster_.awake()]
            return all(m and all(sorted(p.in_sync) == wanted for p in m.topics[TOPIC].values()) for m in found)

        eventually(f"nodes {wanted} told to be in sync", told)

    def setUp(self):
        super().setUp()
        self.cluster()
        self.make_topic(TOPIC)

    def test_after_a_topic_is_made(self):
        self.await_told(self.cluster_)

    def test_a_follower_goes_and_comes_back(self):
        follower = next(n for n in self.cluster_ if n is not self.cluster_.leader_of(TOPIC))
        self.cluster_.kill(follower)
        self.await_told(self.cluster_.awake())
        self.cluster_.start_again(follower)
        self.await_told(self.cluster_)

    def views(self, topic):
        """{partition: {node: (leader, epoch)}} where they differ or somebody knows of no leader."""
        found = {node.id: self.cluster_.metadata(node, topic) for node in self.cluster_}
        if not all(found.values()):
            return {"metadata": "not answered by all"}
        parts = {
            index: {node: (p.leader, p.epoch) for node, m in found.items() if (p := m.partition(topic, index))}
            for index in range(MANY)
        }
        return {i: p for i, p in parts.items() if len(set(p.values())) != 1 or next(iter(p.values()))[0] < 0}

    def test_every_node_knows_every_leader(self):
        """Whoever asks any of them, once the kills are over."""
        self.make_topic("many", partitions=MANY)
        for _ in range(ROUNDS):
            for node in list(self.cluster_):
                self.cluster_.kill(node)
                node.start()
                self.cluster_.silent.discard(node)
            try:
                eventually("all nodes name the same leaders", lambda: not self.views("many"))
            except AssertionError:
                self.fail(f"they name different leaders, (leader, epoch): {self.views('many')}")
