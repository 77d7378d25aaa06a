"""One disk of three that has a bad day: the others go on, and what was acknowledged stays (P1, P5)."""

import errno

from support.cluster_case import TOPIC, ClusterCase
from support.disk import Faults

PLACE = f"{TOPIC}-0"


class OneDisk(ClusterCase):
    """Something happens to the log of the first partition on one node."""

    def setUp(self):
        super().setUp()
        self.faults = {}
        self.cluster(new_node=self.node_with_faults)
        self.make_topic()
        self.begin_streams()
        self.leader = self.cluster_.await_leader(TOPIC)
        self.follower = next(node for node in self.cluster_ if node is not self.leader)

    def node_with_faults(self, words):
        folder = self.folder / f"faults{len(self.faults)}"
        folder.mkdir()
        faults = Faults(folder)
        node = self.node(started=False, options=words, prefix=faults.prefix)
        self.faults[node] = faults
        return node

    def restart(self, node):
        """A replica whose sync has failed is not believed until its node is started again."""
        self.faults[node].clear()
        self.assertEqual(self.cluster_.terminate(node), 0, node.log()[-2000:])
        self.cluster_.start_again(node)

    def whole(self):
        self.cluster_.await_brokers()
        self.cluster_.await_in_sync(TOPIC)
        self.await_progress()
        self.end_streams()

    def test_the_leader_cannot_sync(self):
        """It leads no more."""
        self.faults[self.leader].set("sync", PLACE)
        self.leader.await_line(" error .*partition=log-0")
        self.cluster_.await_leader(TOPIC, not_=(self.leader,))
        self.await_progress()
        self.restart(self.leader)
        self.whole()

    def test_a_follower_cannot_sync(self):
        self.faults[self.follower].set("sync", PLACE)
        self.follower.await_line(" error .*partition=log-0")
        self.await_progress()
        self.assertIs(self.cluster_.leader_of(TOPIC), self.leader)
        self.restart(self.follower)
        self.whole()

    def test_the_leader_has_no_room(self):
        """Somebody else may lead, or it waits for room: nothing that was acknowledged goes away, and it passes."""
        self.faults[self.leader].set("write", PLACE, errno.ENOSPC)
        self.leader.await_line("log-0")
        self.faults[self.leader].clear()
        self.whole()

    def test_a_follower_has_no_room(self):
        """It lags, and catches up by itself when there is room."""
        self.faults[self.follower].set("write", PLACE, errno.ENOSPC)
        self.follower.await_line("log-0")
        self.await_progress()
        self.faults[self.follower].clear()
        self.whole()

    def hang(self, node):
        self.faults[node].hang("sync", PLACE)
        self.faults[node].await_hang()
        self.await_progress()
        self.faults[node].clear()
        self.whole()

    def test_the_disk_of_the_leader_hangs(self):
        """The others have on disk what it has not."""
        self.hang(self.leader)

    def test_the_disk_of_a_follower_hangs(self):
        self.hang(self.follower)
