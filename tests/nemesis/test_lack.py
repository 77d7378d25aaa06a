"""What lacks for a while - descriptors, space, a disk that answers - is missing for that while only: nothing has to be
restarted when it is back."""

import os
import resource

from support.batches import batch
from support.case import NemesisCase
from support.node import eventually

STORAGE = 56


class Lack(NemesisCase):
    def set_descriptors(self, node, more):
        """The node may open so many more descriptors than it has."""
        have = len(os.listdir(f"/proc/{node.pid}/fd"))
        hard = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (have + more, hard))

    def give_descriptors(self, node):
        hard = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (hard, hard))

    def await_written(self, client, topic, value):
        """Returns the offset."""
        answers = []

        def written():
            answers.append(client.produce(topic, batch([value])))
            return answers[-1].error == 0

        eventually(f"{topic} takes records", written)
        self.assertLessEqual({a.error for a in answers[:-1]}, {5, 6, STORAGE})
        return answers[-1].offset

    def test_topics_made_without_descriptors_serve_when_there_are_some(self):
        node = self.node()
        client = self.client(node)
        self.assertEqual(client.create_topic("before"), 0)
        self.set_descriptors(node, 10)
        made = [f"made-{i}" for i in range(20) if client.create_topic(f"made-{i}") == 0]
        node.await_line("partition cannot be opened and is tried again partition=made-.*Too many open files")
        unserved = [t for t in made if client.produce(t, batch([b"no"])).error]
        self.assertGreater(len(unserved), 0)
        unopened = [t for t in unserved if node.lines(f"cannot be opened .*partition={t}-0 ")]
        self.give_descriptors(node)
        for topic in made:
            self.await_written(client, topic, b"yes")
        for topic in unopened:
            node.await_line(f"partition is open at last partition={topic}-0")
        # One line for a reason, however often it was tried.
        for topic in unserved:
            self.assertLessEqual(len(node.lines(f"cannot be opened .*partition={topic}-0 ")), 3)

    def test_damaged_data_is_told_once_and_not_tried_again(self):
        node = self.node()
        client = self.client(node)
        self.assertEqual(client.create_topic("hurt"), 0)
        self.assertEqual(client.produce("hurt", batch([b"x" * 1000])).offset, 0)
        self.assertEqual(node.stop(), 0)
        (log,) = node.segments("hurt")
        log.write_bytes(log.read_bytes()[:-100])
        node.start()
        node.await_line("partition cannot be opened partition=hurt-0 .*had been synced")
        client = self.client(node)
        self.assertEqual(client.produce("hurt", batch([b"no"])).error, STORAGE)
        self.assertEqual(node.lines("tried again partition=hurt-0"), [])
