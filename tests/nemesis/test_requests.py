"""Well framed requests with nonsense in them: a defined error, or closed with one line (P6)."""

import struct

from support.case import MIB, SharedNodeCase
from support.wire import (
    API_VERSIONS,
    CREATE_TOPICS,
    FETCH,
    LIST_OFFSETS,
    METADATA,
    PRODUCE,
    Closed,
    array,
    data,
    frame,
    header,
    string,
)

HUGE = struct.pack(">i", 2**31 - 1)
NEGATIVE = struct.pack(">i", -2)
HUGE_COMPACT = b"\xff\xff\xff\xff\x0f"
ABSURD = {
    "metadata, topics": (METADATA, 1, HUGE),
    "metadata, negative topics": (METADATA, 1, NEGATIVE),
    "metadata, compact topics": (METADATA, 9, b"\0" + HUGE_COMPACT),
    "metadata, endless varint": (METADATA, 9, b"\0" + b"\xff" * 20),
    "metadata, tagged fields": (METADATA, 9, b"\0" + b"\1" + b"\0\0\0" + HUGE_COMPACT),
    "produce, topics": (PRODUCE, 8, string(None) + struct.pack(">hi", -1, 0) + HUGE),
    "produce, partitions": (PRODUCE, 8, string(None) + struct.pack(">hi", -1, 0) + array([string("t") + HUGE])),
    "produce, records": (
        PRODUCE,
        8,
        string(None) + struct.pack(">hi", -1, 0) + array([string("t") + array([struct.pack(">i", 0) + HUGE])]),
    ),
    "produce, topic name": (PRODUCE, 8, string(None) + struct.pack(">hi", -1, 0) + array([b"\x7f\xff"])),
    "fetch, topics": (FETCH, 4, struct.pack(">iiiib", -1, 0, 1, 1, 0) + HUGE),
    "fetch, partitions": (FETCH, 4, struct.pack(">iiiib", -1, 0, 1, 1, 0) + array([string("t") + HUGE])),
    "list offsets, partitions": (LIST_OFFSETS, 1, struct.pack(">i", -1) + array([string("t") + HUGE])),
    "create topics, configs": (
        CREATE_TOPICS,
        2,
        array([string("t") + struct.pack(">ih", 1, 1) + array([]) + HUGE]),
    ),
    "create topics, assignments": (CREATE_TOPICS, 2, array([string("t") + struct.pack(">ih", 1, 1) + HUGE])),
    "nothing at all": (CREATE_TOPICS, 2, b""),
}
FILLERS = [b"", b"\xff" * 96, b"\x7f" * 96, bytes(96), b"\1" * 96, b"\x7f\xff\xff\xff" * 24, bytes(range(96))]
NO_BODY_BEHIND_CLIENT_ID = frame(struct.pack(">hhih", METADATA, 1, 1, 32767) + b"short")


class Requests(SharedNodeCase):
    OPTIONS = {"auto.create.topics.enable": "false"}

    def check_closed(self, raw, reason):
        client = self.client(self.shared)
        client.send(raw)
        self.assert_closed(self.shared, client, reason)

    def test_absurd_lengths(self):
        self.shared.forget_peak()
        before = self.shared.resident()
        for name, (key, version, body) in ABSURD.items():
            with self.subTest(name):
                self.check_closed(frame(header(key, version) + body), f" v{version}: ")
        self.assert_grew_less(self.shared, before, 32 * MIB, "memory")
        self.assert_serves(self.shared)

    def test_client_id_beyond_the_frame(self):
        self.check_closed(NO_BODY_BEHIND_CLIENT_ID, "header")
        self.assert_serves(self.shared)

    def test_unknown_apis(self):
        for key in (-32768, -1, 9999, 32767):
            with self.subTest(key=key):
                self.check_closed(frame(header(key, 0)), f"unsupported request .*{key}.* v0 from client nemesis")
        self.assert_serves(self.shared)

    def test_unknown_versions(self):
        with self.client(self.shared) as client:
            served = client.api_versions()
        for key, (_, highest) in served.items():
            for version in (highest + 1, 99, 32767, -1):
                if key == API_VERSIONS:
                    continue
                with self.subTest(key=key, version=version):
                    self.check_closed(frame(header(key, version) + bytes(64)), f"unsupported request .* v{version} ")
        self.assert_serves(self.shared)

    def test_api_versions_of_the_future(self):
        """KIP-511: UNSUPPORTED_VERSION(35) in the oldest form, with the versions to try; the connection stays."""
        client = self.client(self.shared)
        for version in (5, 99, 32767):
            answer = client.ask(API_VERSIONS, version, bytes(range(50)))
            self.assertEqual(answer.take("h"), 35)
            self.assertEqual(answer.array(lambda: answer.take("hhh")), [(API_VERSIONS, 0, 4)])
        self.assertIn(API_VERSIONS, client.api_versions())

    def test_every_api_with_every_filler(self):
        """Bodies of repeated bytes, for each API and version: an answer, or closed with one line."""
        with self.client(self.shared) as client:
            served = client.api_versions()
        self.shared.forget_peak()
        before, answered, closed = self.shared.resident(), 0, 0
        for key, (lowest, highest) in served.items():
            for version in range(lowest, highest + 1):
                for filler in FILLERS:
                    client = self.client(self.shared)
                    if self.serves_on(client, frame(header(key, version, 1) + filler)):
                        answered += 1
                    else:
                        self.assert_told(self.shared, client, "")
                        closed += 1
                    client.socket.close()
        self.remark(f"{answered} answered, {closed} closed")
        self.assertGreater(answered, 0)
        self.assertGreater(closed, answered)
        self.assert_grew_less(self.shared, before, 64 * MIB, "memory")
        self.assert_serves(self.shared)

    def serves_on(self, client, raw):
        """Whether a good request behind this one is answered. Before it comes an answer or, to a Produce that asks
        for none, nothing."""
        client.send(raw + frame(header(API_VERSIONS, 0, 2)))
        try:
            while client.answer()[0] != 2:
                pass
        except Closed:
            return False
        return True

    def test_bytes_behind_the_message(self):
        """Real clients do that; they are passed over."""
        with self.client(self.shared) as client:
            client.create_topic("behind")
            answer = client.ask(LIST_OFFSETS, 1, struct.pack(">i", -1) + array([]) + data(b"behind"))
            self.assertEqual(answer.array(lambda: None), [])
