"""How nodes become a cluster, and who is not let in."""

import itertools
import re

from support.batches import batch, values_in
from support.case import NemesisCase, slow
from support.cluster_case import ClusterCase
from support.node import eventually

OPEN_TO_OTHERS = "other machines can connect to peer.listeners"


class Forming(ClusterCase):
    def assert_one_cluster(self, nodes):
        def controllers():
            return {self.cluster_.metadata(node).controller for node in nodes}

        eventually("one controller", lambda: len(controllers()) == 1)
        name, = {self.cluster_.metadata(node).cluster for node in nodes}
        return name

    def formed_in_order(self, *order):
        """Each one when the ones before wait for it."""
        cluster = self.cluster(started=False)
        nodes = [cluster.nodes[number] for number in order]
        for node in nodes[:-1]:
            cluster.start_again(node)
            node.await_line("node starts|node waits|node started|peer")
        cluster.start(nodes[-1])
        self.assert_one_cluster(nodes)
        self.assert_writes()

    def test_in_order(self):
        self.formed_in_order(1, 2, 3)

    def test_in_reverse_order(self):
        self.formed_in_order(3, 2, 1)

    @slow
    def test_in_any_order(self):
        for order in itertools.permutations((1, 2, 3)):
            with self.subTest(order=order):
                self.formed_in_order(*order)
                for node in self.cluster_:
                    self.assertEqual(node.stop(), 0)

    def test_all_at_once(self):
        cluster = self.cluster()
        self.assert_one_cluster(cluster)
        self.assert_writes()

    def test_killed_while_it_forms(self):
        """Whoever had promised something keeps to it; the others come to the same."""
        cluster = self.cluster(started=False)
        for node in cluster:
            cluster.start_again(node)
        for node in cluster:
            node.await_line("peer up")
            cluster.kill(node)
            cluster.start_again(node)
        cluster.await_brokers()
        self.assert_one_cluster(cluster)
        self.assert_writes()

    def test_stays_the_same_after_a_restart_of_all(self):
        cluster = self.cluster()
        before = self.assert_one_cluster(cluster)
        for node in cluster:
            self.assertEqual(cluster.terminate(node), 0)
        cluster.start()
        self.assertEqual(self.assert_one_cluster(cluster), before)

    def test_a_fourth_node_joins(self):
        """And takes part: topics that are made then have replicas there, too."""
        cluster = self.cluster()
        before = self.assert_one_cluster(cluster)
        cluster.start(cluster.add())
        self.assertEqual(self.assert_one_cluster(cluster), before)
        self.make_topic("wide", partitions=8)
        replicas = {r for p in cluster.metadata(cluster.nodes[4], "wide").topics["wide"].values() for r in p.replicas}
        self.assertEqual(replicas, {1, 2, 3, 4})
        self.begin_streams("wide", 1)
        self.end_streams()

    def test_a_fourth_node_that_expects_three_joins(self):
        """Started as the others were: the cluster is there already."""
        cluster = self.cluster()
        cluster.start(cluster.add(expect=3))
        self.assert_one_cluster(cluster)


class NotLetIn(ClusterCase):
    def refused(self, node, pattern):
        """What it says about it, and what the others say; and they go on."""
        line = node.await_line(pattern)
        self.remark(re.sub(r"^\S+ ", "", line)[:160])
        others = [n for n in self.cluster_ if n is not node]
        self.cluster_.kill(node)
        del self.cluster_.nodes[node.id]
        self.cluster_.await_brokers(others)
        self.assert_writes()

    def test_of_another_cluster(self):
        """A node that has been one for itself, with a cluster id and data of its own."""
        cluster = self.cluster()
        stranger = cluster.add()
        alone = self.node(started=False, options={"node.id": stranger.id}, data=stranger.data)
        alone.start()
        self.assertEqual(alone.stop(), 0)
        cluster.start_again(stranger)
        self.refused(stranger, "belongs to the cluster|another cluster")

    def test_with_the_name_of_another_cluster(self):
        cluster = self.cluster()
        stranger = cluster.add(**{"cluster.id": "quite-another"})
        cluster.start_again(stranger)
        self.refused(stranger, "belongs to the cluster|another cluster|quite-another")

    def test_with_a_node_id_that_is_taken(self):
        cluster = self.cluster()
        stranger = cluster.add(**{"node.id": 2})
        cluster.start_again(stranger)
        self.refused(stranger, "node.id=2")

    def test_more_than_are_expected(self):
        """Five that each expect three: three form a cluster, the others join it."""
        cluster = self.cluster(count=5)
        self.assertEqual(len({cluster.metadata(node).cluster for node in cluster}), 1)

    def test_too_few(self):
        """Two that expect three: no cluster, nobody is told that there is one, and they end when told to."""
        cluster = self.cluster(started=False)
        pair = cluster.nodes[1], cluster.nodes[2]
        for node in pair:
            cluster.start_again(node)
        for node in pair:
            node.await_line("peer up")
        for node in pair:
            self.assertIsNone(cluster.metadata(node))
        cluster.start(cluster.nodes[3])
        self.assert_writes()


class Alone(NemesisCase):
    def test_seeds_that_do_not_answer(self):
        """A node that was told of others and finds none says so, and ends when told to."""
        node = self.node(started=False, options={"peer.listeners": "127.0.0.1:0", "seeds": "127.0.0.1:1", "expect": 3})
        node.start_process()
        node.await_line("peer not reached at=127.0.0.1:1 ")
        eventually("it runs", node.running)
        self.assertEqual(node.lines(OPEN_TO_OTHERS), [], "nobody comes there but from this machine")

    def test_a_port_that_other_machines_reach_is_told_of(self):
        node = self.node(started=False, options={"peer.listeners": "0.0.0.0:0", "seeds": "127.0.0.1:1", "expect": 1})
        node.start()
        self.assertEqual(len(node.lines(OPEN_TO_OTHERS)), 1)


class Grown(ClusterCase):
    def test_a_node_that_was_alone_gets_others(self):
        """It keeps what it has; all know who leads that, also after a restart of all."""
        cluster = self.cluster(started=False, expect=None)
        first = cluster.nodes[1]
        alone = self.node(started=False, options={"node.id": first.id}, data=first.data)
        alone.start()
        client = self.client(alone)
        self.assertEqual(client.create_topic("old"), 0)
        self.assertEqual(client.produce("old", batch([b"kept"])).error, 0)
        self.assertEqual(alone.stop(), 0)
        for _ in range(2):
            cluster.start()
            for node in cluster:
                eventually(f"node {node.id} knows who leads", lambda n=node: self.leads_old(n) == first.id)
            with cluster.client(first) as client:
                self.assertEqual(values_in(client.fetch("old", 0).records), [(0, b"kept")])
            for node in cluster:
                self.assertEqual(cluster.terminate(node), 0)

    def leads_old(self, node):
        found = self.cluster_.metadata(node, "old")
        partition = found and found.partition("old", 0)
        return partition and partition.leader
