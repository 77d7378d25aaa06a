"""Options whose effect shows from outside only."""

import pathlib
import struct

from harness.configs import BROKER, set_configs
from support.case import NemesisCase
from support.node import eventually
from support.wire import FETCH, array, string


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

    def test_places_for_fetch_sessions(self):
        # Version 7, a first request of a session: wait, bytes, isolation, session 0 of epoch 0, a topic, none forgotten.
        topic = string("nobody") + array([struct.pack(">iqqi", 0, 0, -1, 1000)])
        opens = struct.pack(">iiiibii", -1, 0, 0, 1000, 0, 0, 0) + array([topic]) + array([])
        for places in (0, 1):
            node = self.node(options={"max.incremental.fetch.session.cache.slots": places})
            answer = self.client(node).ask(FETCH, 7, opens)
            self.assertEqual(answer.take("ih"), (0, 0))
            self.assertEqual(answer.take("i") != 0, places > 0)

    def test_limit_of_connections(self):
        """Also while the node runs."""
        node = self.node(options={"max.connections": 2})
        self.client(node).api_versions()
        set_configs(node.port, BROKER, "1", {"max.connections": "1"})
        refused = self.client(node)
        self.assertEqual(refused.closed_by_node(), b"")
        node.await_line('connection refused reason="max.connections=1 are open"')
