"""The test case that all suites build on: a node per class or per test, and what always has to hold for it."""

import os
import pathlib
import re
import shutil
import tempfile
import unittest

from support.batches import batch
from support.node import Node, eventually
from support.wire import Client

SLOW = "nemesis_slow"
MIB = 1 << 20


def slow(test):
    """Left out by --quick."""
    setattr(test, SLOW, True)
    return test


def root(test):
    """For tests that mount a small file system."""
    return unittest.skipUnless(os.geteuid() == 0, "needs root, to mount a small file system")(test)


# What an address sanitizer knows of each byte takes memory, too, also for what a node has only been promised.
JUDGES_MEMORY = "NEMESIS_SANITIZED" not in os.environ


class NemesisCase(unittest.TestCase):
    """Every test: whatever was done to a node, it is still there at the end, ends when told to, with code 0.
    Folders of failed tests are kept and named."""

    def setUp(self):
        self.remarks = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chisme-nemesis-"))
        self.nodes_ = []
        self.addCleanup(self.end_)

    def node(self, started=True, **options):
        """A node with a folder of its own below the test's; keyword arguments are those of Node."""
        folder = self.folder / f"node{len(self.nodes_)}"
        folder.mkdir()
        node = Node(folder, **options)
        self.nodes_.append(node)
        if started:
            node.start()
        return node

    def remark(self, text):
        self.remarks.append(text)

    def doCleanups(self):
        # Within a cleanup unittest does not tell any more whether the test has failed.
        self.failed_ = not getattr(self._outcome, "success", True)
        for node in self.nodes_:
            if not self.failed_ and node.running():
                with self.subTest("the node ends when told to"):
                    self.assertEqual(node.stop(), 0, node.log()[-2000:])
        return super().doCleanups()

    def end_(self):
        for node in self.nodes_:
            node.kill()
        if not self.failed_:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"         logs and data are kept in {self.folder}")

    def client(self, node, **options):
        log_length = len(node.log())
        client = Client(node.port, **options)
        client.log_length = log_length
        self.addCleanup(client.socket.close)
        return client

    def assert_serves(self, node, topic="served"):
        """Another client creates a topic, writes, reads back."""
        with Client(node.port) as client:
            self.assertIn(client.create_topic(topic), (0, 36))
            written = client.produce(topic, batch([b"still here"]))
            self.assertEqual(written.error, 0, written.message)
            read = client.fetch(topic, written.offset)
            self.assertEqual(read.error, 0)
            self.assertIn(b"still here", read.records)

    def assert_closed(self, node, client, reason):
        """The node closes without a byte of answer, and says why in exactly one line."""
        self.assertEqual(client.closed_by_node(), b"")
        self.assert_told(node, client, reason)

    def assert_told(self, node, client, reason):
        # A port that an older connection had may be given again: only what was logged since this one counts.
        line = node.await_line(f"connection closed peer={client.peer} ", client.log_length)
        self.assertRegex(line, rf" warning connection closed peer={client.peer} reason=\".*{reason}.*\"$")
        self.assertEqual(len(node.lines(f"{client.peer}\\b", client.log_length)), 1)

    def assert_grew_less(self, node, before, most, what):
        """Resident memory at its peak since forget_peak(), above `before`."""
        grew = node.peak_resident() - before
        self.remark(f"{what}: {grew / MIB:.1f} MiB")
        if JUDGES_MEMORY:
            self.assertLess(grew, most, f"{what}: {grew / MIB:.1f} MiB more")

    def await_leader(self, client, topic, partition=0):
        eventually(f"{topic}-{partition} serving", lambda: client.list_offset(topic, -1, partition)[0] == 0)


class SharedNodeCase(NemesisCase):
    """One node for all tests of the class; it must outlive all of them."""

    OPTIONS = {}

    @classmethod
    def setUpClass(cls):
        cls.shared_folder_ = pathlib.Path(tempfile.mkdtemp(prefix="chisme-nemesis-"))
        cls.shared = Node(cls.shared_folder_, options=cls.OPTIONS)
        cls.shared.start()

    @classmethod
    def tearDownClass(cls):
        try:
            if not cls.shared.running():
                raise AssertionError(f"the node ended: see {cls.shared.log_file}")
            if cls.shared.stop() != 0:
                raise AssertionError(f"SIGTERM did not end the node with code 0: see {cls.shared.log_file}")
        finally:
            cls.shared.kill()
        shutil.rmtree(cls.shared_folder_)

    def setUp(self):
        super().setUp()
        self.assertTrue(self.shared.running(), f"the node has ended before this test: {self.shared.log_file}")

    def topic(self, **options):
        """A topic of this test's own."""
        name = re.sub(r"[^A-Za-z0-9]+", "-", self.id().rsplit(".", 1)[-1]) + f"-{len(self.shared.log()):x}"
        with Client(self.shared.port) as client:
            self.assertEqual(client.create_topic(name, **options), 0)
        return name
