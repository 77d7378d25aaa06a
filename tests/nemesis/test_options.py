"""Options whose effect shows from outside only."""

import pathlib

from harness.configs import BROKER, set_configs
from support.case import NemesisCase
from support.node import eventually


def threads(node):
    return len(list(pathlib.Path(f"/proc/{node.pid}/task").iterdir()))


class Options(NemesisCase):
    def test_threads(self):
        few = {"num.network.threads": 1, "num.io.threads": 2}
        # They are all there when a node serves.
        base = threads(self.node(options=few))
        for more in ({"num.network.threads": 4}, {"num.io.threads": 5}):
            node = self.node(options={**few, **more})
            eventually(f"three more threads with {more}", lambda node=node: threads(node) == base + 3)

    def test_log_level(self):
        """Also while the node runs."""
        node = self.node(options={"log.level": "error"})
        self.assertEqual(node.lines("node started"), [])
        set_configs(node.port, BROKER, "1", {"log.level": "info"})
        node.stop()
        node.await_line("node stopped")
        quiet = self.node(options={"log.level": "info"})
        quiet.await_line("node started")
        set_configs(quiet.port, BROKER, "1", {"log.level": "warn"})
        quiet.stop()
        self.assertEqual(quiet.lines("node stopped"), [])

    def test_limit_of_connections(self):
        """Also while the node runs."""
        node = self.node(options={"max.connections": 2})
        self.client(node).api_versions()
        set_configs(node.port, BROKER, "1", {"max.connections": "1"})
        refused = self.client(node)
        self.assertEqual(refused.closed_by_node(), b"")
        node.await_line('connection refused reason="max.connections=1 are open"')
