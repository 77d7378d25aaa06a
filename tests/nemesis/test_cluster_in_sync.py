"""Who has what his leader has, as every node tells it, without anything being written."""

from support.cluster_case import ClusterCase
from support.node import eventually

TOPIC = "idle"


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
