"""Who leads, and who has what his leader has, as every node tells it without anything being written."""

from support.cluster_case import ClusterCase
from support.node import eventually

TOPIC = "idle"
MANY = 30
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

    def leaders(self, node, topic):
        """{partition: (leader, epoch)}; None where a leader is not known."""
        metadata = self.cluster_.metadata(node, topic)
        found = metadata and {index: (p.leader, p.epoch) for index, p in metadata.topics[topic].items()}
        return found if found and all(leader >= 0 for leader, _ in found.values()) else None

    def test_every_node_knows_every_leader(self):
        """Whoever asks any of them, once the kills are over."""
        self.make_topic("many", partitions=MANY)
        for _ in range(ROUNDS):
            for node in list(self.cluster_):
                self.cluster_.kill(node)
                node.start()
                self.cluster_.silent.discard(node)

            def agreed():
                found = [self.leaders(node, "many") for node in self.cluster_]
                return found[0] and found[0] == found[1] == found[2]

            eventually("all nodes name the same leaders", agreed)
