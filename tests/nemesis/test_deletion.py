"""Topics that are deleted leave nothing behind, whenever the node dies, and their names are free again."""

import os
import struct
import time

from support.batches import batch, values_in
from support.case import NemesisCase, slow
from support.node import GUARD_SECONDS, eventually
from support.wire import array, frame, header, string

DELETE_TOPICS = 20
LONGEST = 249


def delete_request(names):
    return frame(header(DELETE_TOPICS, 1, 1) + array([string(n) for n in names]) + struct.pack(">i", 30_000))


class Deletion(NemesisCase):
    def delete(self, node, names):
        """The error codes."""
        client = self.client(node)
        client.send(delete_request(names))
        _, answer = client.answer()
        answer.take("i")
        return [code for _, code in answer.array(lambda: (answer.string(), answer.take("h")))]

    def folders(self, node):
        return sorted(p.name for p in node.partition("x").parent.iterdir() if p.is_dir())

    def await_folders(self, node, expected):
        eventually(f"only {expected}", lambda: self.folders(node) == expected)

    def test_names_of_every_length_can_be_deleted_and_made_again(self):
        node = self.node()
        client = self.client(node)
        names = ["n" * size for size in (1, 200, 224, 225, 226, 240, LONGEST - 1, LONGEST)]
        for turn in range(3):
            for name in names:
                self.assertEqual(client.create_topic(name), 0)
                self.assertEqual(client.produce(name, batch([b"of turn %d" % turn])).offset, 0)
            self.assertEqual(self.delete(node, names), [0] * len(names))
        self.await_folders(node, ["__cluster-0"])
        self.assertEqual(node.lines(" (error|warning) "), [])

    def test_a_name_is_free_at_once(self):
        node = self.node()
        client = self.client(node)
        for turn in range(50):
            self.assertEqual(client.create_topic("again", 3), 0)
            self.assertEqual(client.produce("again", batch([b"%d" % turn])).offset, 0)
            self.assertEqual(values_in(client.fetch("again", 0).records), [(0, b"%d" % turn)])
            self.assertEqual(self.delete(node, ["again"]), [0])
        self.await_folders(node, ["__cluster-0"])

    @slow
    def test_a_kill_in_the_middle(self):
        """Whatever the node had not removed is removed by the next start, which says so in one line."""
        topics = 500
        names = [f"gone-{i}" for i in range(topics)]
        node = self.node()
        client = self.client(node)
        self.assertEqual(client.create_topic("stays"), 0)
        self.assertEqual(client.produce("stays", batch([b"here"])).error, 0)
        for name in names:
            self.assertEqual(client.create_topic(name), 0)
        for name in names[::50]:
            self.assertEqual(client.produce(name, batch([b"to go"])).error, 0)
        killer = self.client(node)
        killer.send(delete_request(names))
        folder = node.partition("x").parent
        guard = time.monotonic() + GUARD_SECONDS
        while len(os.listdir(folder)) > topics and time.monotonic() < guard:
            pass  # the first ones go within milliseconds, and the last ones soon after
        node.kill()
        left = [f for f in self.folders(node) if f not in ("__cluster-0", "stays-0")]
        self.remark(f"{len(left)} of {topics} folders were left")
        self.assertGreater(len(left), 0)
        node.start()
        line = node.await_line("folders that deletions of topics left behind are removed ")
        self.assertIn(f"folders={len(left)} ", line)
        self.assertEqual(sum(folder in line for folder in left), min(5, len(left)))
        self.await_folders(node, ["__cluster-0", "stays-0"])
        client = self.client(node)
        self.await_leader(client, "stays")
        self.assertEqual(values_in(client.fetch("stays", 0).records), [(0, b"here")])
        self.assertEqual(client.create_topic(names[0]), 0)
        self.assertEqual(client.end_offset(names[0]), 0)
        log_length = len(node.log())
        node.kill()
        node.start()
        self.assertEqual(node.lines("left behind", log_length), [])

    def test_what_nobody_knows_is_kept_and_told(self):
        """A folder that was copied here: it is no deleted topic's, whatever it is called."""
        node = self.node()
        client = self.client(node)
        self.assertEqual(client.create_topic("known"), 0)
        self.assertEqual(client.produce("known", batch([b"mine"])).error, 0)
        node.kill()
        foreign = node.partition("unknown")
        foreign.mkdir()
        (foreign / "partition.metadata").write_text("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg\n")
        (foreign / "00000000000000000000.log").write_bytes(batch([b"somebody's"]))
        backup = node.partition("known").parent / "backup-delete"
        backup.mkdir()
        node.start()
        line = node.await_line("folders belong to no topic of this cluster and are kept ")
        self.assertIn('folders=1 names="unknown-0"', line)
        self.assertTrue(backup.exists())
        self.assertTrue((foreign / "00000000000000000000.log").exists())
        client = self.client(node)
        self.assertEqual(client.create_topic("unknown"), 0)
        self.assertEqual(client.end_offset("unknown"), 0)
        self.assertIn("unknown-0.AAAAAAAAAAAAAAAAAAAAAg-stray", self.folders(node))
