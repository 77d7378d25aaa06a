"""Ten thousand connections that say nothing (P7)."""

import resource
import time

from support.case import JUDGES_MEMORY, MIB, NemesisCase, slow
from support.node import eventually
from support.wire import Client

CROWD = 10_000


class Crowd(NemesisCase):
    def crowd_of(self, node, count):
        clients = [Client(node.port) for _ in range(count)]
        self.addCleanup(lambda: [c.socket.close() for c in clients])
        return clients

    def test_limit_of_connections(self):
        node = self.node(options={"max.connections": 20})
        clients = self.crowd_of(node, 20)
        for client in clients:
            client.api_versions()
        refused = self.client(node)
        self.assertEqual(refused.closed_by_node(), b"")
        node.await_line('connection refused reason="max.connections=20 are open"')
        self.assertEqual(len(node.lines("connection refused")), 1)
        clients.pop().socket.close()
        eventually("a place for another one", lambda: self.gets_in(node))

    def gets_in(self, node):
        with Client(node.port) as client:
            try:
                return client.api_versions()
            except Exception:
                return None

    @slow
    def test_ten_thousand_silent_connections(self):
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < CROWD + 500:
            self.skipTest(f"needs {CROWD + 500} descriptors (ulimit -n)")
        node = self.node(options={"max.connections": CROWD + 10})
        self.assert_serves(node)
        before, begun = node.resident(), time.monotonic()
        crowd = self.crowd_of(node, CROWD)
        crowd[-1].api_versions()
        took = time.monotonic() - begun
        each = (node.resident() - before) / CROWD
        self.remark(f"{each:.0f} bytes each, all there after {took:.1f} s")
        if JUDGES_MEMORY:
            self.assertLess(each, 4096)
        self.assert_serves(node)
        extra = self.crowd_of(node, 20)
        refused = [c for c in extra if self.is_refused(c)]
        self.assertGreaterEqual(len(refused), 10)
        for client in crowd + extra:
            client.socket.close()
        eventually("places for others", lambda: self.gets_in(node))
        self.assert_serves(node)
        self.remark(f"afterwards {(node.resident() - before) / MIB:.1f} MiB more than before")

    def is_refused(self, client):
        try:
            client.api_versions()
        except Exception:
            return True
        return False
