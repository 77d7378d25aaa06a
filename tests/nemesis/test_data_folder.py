"""Data folders that another version, another node or a failing disk left: refused or repaired, with words; what is
damaged is detected when it is read and never served."""

import struct

from support.batches import batch, crc32c, values_in
from support.case import NemesisCase
from support.node import Node

CORRUPT, STORAGE = 2, 56
COUNT = 60
VALUE = bytes(1000)


def flip(path, position):
    with open(path, "r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 0x10]))


class Versions(NemesisCase):
    def refused(self, node):
        """The node ends with code 1; returns the line that says why."""
        with self.assertRaisesRegex(RuntimeError, "ended with code 1"):
            node.start()
        lines = node.lines("node cannot start")
        self.assertEqual(len(lines), 1)
        return lines[0]

    def stopped_with_topics(self):
        """A node that was stopped, with a topic of three records by an idempotent producer, and another topic."""
        node = self.node()
        client = self.client(node)
        for topic in ("old", "beside"):
            self.assertEqual(client.create_topic(topic), 0)
        for i in range(3):
            self.assertEqual(client.produce("old", batch([b"%d" % i], producer=(7, 0, i))).offset, i)
        self.assertEqual(client.produce("beside", batch([b"b"])).offset, 0)
        self.assertEqual(node.stop(), 0)
        return node

    def assert_in_error(self, node, reason):
        """The topic `old` is in error and the log says why; the other topic serves."""
        node.start()
        client = self.client(node)
        self.await_leader(client, "beside")
        self.assertRegex(node.await_line(" error partition cannot be opened partition=old-0 "), reason)
        self.assertEqual(client.produce("old", batch([b"x"])).error, STORAGE)
        self.assertEqual(client.fetch("old", 0).error, STORAGE)
        self.assertEqual(client.list_offset("old", -1)[0], STORAGE)
        self.assertEqual(client.produce("beside", batch([b"c"])).offset, 1)

    def test_folder_of_a_newer_version(self):
        node = self.stopped_with_topics()
        meta = node.data / "meta.properties"
        meta.write_text(meta.read_text().replace("version=1", "version=99"))
        self.assertRegex(self.refused(node), "layout version 99.*written by a newer version")

    def test_folder_of_another_node(self):
        node = self.stopped_with_topics()
        meta = node.data / "meta.properties"
        meta.write_text(meta.read_text().replace("node.id=1", "node.id=5"))
        self.assertRegex(self.refused(node), "belongs to node 5, this is node 1")

    def test_folder_in_use(self):
        first = self.node()
        folder = self.folder / "second"
        folder.mkdir()
        second = Node(folder, data=first.data)
        self.assertRegex(self.refused(second), rf"in use by another node \(process {first.pid}\)")
        self.assert_serves(first)

    def test_recovery_point_of_a_newer_version(self):
        node = self.stopped_with_topics()
        path = node.partition("old") / "recovery-point"
        raw = bytearray(path.read_bytes())
        for slot in range(0, len(raw), 128):
            if raw[slot : slot + 4] == b"ChRP":
                struct.pack_into(">h", raw, slot + 4, 9)
                struct.pack_into(">I", raw, slot + 124, crc32c(bytes(raw[slot : slot + 124])))
        path.write_bytes(raw)
        self.assert_in_error(node, "recovery-point: written by a newer version")

    def test_epoch_file_of_a_newer_version(self):
        node = self.stopped_with_topics()
        for path in node.partition("old").glob("leader-epoch-checkpoint*"):
            path.write_text("9\n" + path.read_text().split("\n", 1)[1])
        self.assert_in_error(node, "leader-epoch-checkpoint.*version 9")

    def test_producer_snapshot_of_a_newer_version(self):
        """It holds nothing that the log does not hold: rebuilt from there."""
        node = self.stopped_with_topics()
        snapshots = list(node.partition("old").glob("*.snapshot"))
        self.assertTrue(snapshots)
        for path in snapshots:
            path.write_bytes(b"\0\x09" + path.read_bytes()[2:])
        node.start()
        client = self.client(node)
        self.await_leader(client, "old")
        self.assertEqual(client.produce("old", batch([b"2"], producer=(7, 0, 2))).offset, 2, "a duplicate")
        self.assertEqual(client.produce("old", batch([b"3"], producer=(7, 0, 3))).offset, 3)
        self.assertEqual(client.produce("old", batch([b"9"], producer=(7, 0, 9))).error, 45)

    def test_records_of_a_newer_version(self):
        node = self.stopped_with_topics()
        with open(node.segments("old")[0], "r+b") as file:
            file.seek(16)
            file.write(b"\3")
        node.start()
        client = self.client(node)
        self.await_leader(client, "old")
        self.assertEqual(client.fetch("old", 0).error, CORRUPT)
        self.assertEqual(client.produce("beside", batch([b"c"])).offset, 1)


class Damage(NemesisCase):
    """A topic of three segments of twenty batches each, one record a batch."""

    def setUp(self):
        super().setUp()
        self.node_ = self.node(options={"log.segment.bytes": 20 * len(batch([VALUE]))})
        self.client_ = self.client(self.node_)
        for topic in ("hurt", "beside"):
            self.assertEqual(self.client_.create_topic(topic), 0)
        for offset in range(COUNT):
            self.assertEqual(self.client_.produce("hurt", batch([VALUE])).offset, offset)
        self.assertEqual(self.client_.produce("beside", batch([b"b"])).offset, 0)
        self.segments_ = self.node_.segments("hurt")
        self.assertEqual(len(self.segments_), 3)
        self.size_ = len(batch([VALUE]))

    def restart(self):
        """In order: the recovery point covers everything, so nothing is scanned."""
        self.assertEqual(self.node_.stop(), 0)
        self.damage_while_down()
        self.node_.start()
        self.client_ = self.client(self.node_)
        self.await_leader(self.client_, "beside")

    def damage_while_down(self):
        """For the test to replace."""

    def offsets_from(self, offset):
        """(error, offsets served in one fetch)."""
        answer = self.client_.fetch("hurt", offset)
        found = values_in(answer.records)
        self.assertTrue(all(value == VALUE for _, value in found))
        return answer.error, [at for at, _ in found]

    def assert_only_bad(self, bad):
        """Every offset but the bad one is served, the bad one never, whichever way a client comes to it."""
        for offset in range(COUNT):
            error, served = self.offsets_from(offset)
            self.assertNotIn(bad, served)
            self.assertEqual(error, CORRUPT if offset == bad else 0, f"offset {offset}")
            self.assertEqual(served[:1], [] if offset == bad else [offset])
        self.assertRegex(self.node_.await_line("read failed partition=hurt-0 "), f"offset={bad} .*corrupt")
        self.assertEqual(self.client_.produce("hurt", batch([VALUE])).offset, COUNT)
        self.assertEqual(self.client_.fetch("beside", 0).error, 0)

    def flip_in(self, offset, byte):
        flip(self.segments_[offset // 20], offset % 20 * self.size_ + byte)

    def test_flipped_byte_while_running(self):
        self.flip_in(30, 500)
        self.assert_only_bad(30)

    def test_flipped_byte_while_down(self):
        self.damage_while_down = lambda: self.flip_in(30, 500)
        self.restart()
        self.assert_only_bad(30)

    def test_flipped_byte_in_the_last_segment(self):
        self.damage_while_down = lambda: self.flip_in(45, 900)
        self.restart()
        self.assert_only_bad(45)

    def test_flipped_length(self):
        """What follows cannot be found by walking; the index leads behind it. Nothing wrong is served."""
        self.flip_in(30, 10)
        for offset in range(COUNT):
            error, served = self.offsets_from(offset)
            self.assertNotIn(30, served)
            self.assertEqual(served, list(range(offset, offset + len(served))))
            if offset < 30 or offset >= 40:
                self.assertEqual(error, 0, f"offset {offset}")
            elif not served:
                self.assertEqual(error, CORRUPT, f"offset {offset}")
        self.assertEqual(self.client_.produce("hurt", batch([VALUE])).offset, COUNT)

    def test_flipped_base_offset(self):
        self.flip_in(30, 7)
        for offset in range(COUNT):
            _, served = self.offsets_from(offset)
            self.assertEqual(served, list(range(offset, offset + len(served))))
            self.assertNotIn(30, served)
        self.assertEqual(self.offsets_from(30)[0], CORRUPT)

    def cut(self, segment, size):
        with open(self.segments_[segment], "r+b") as file:
            file.truncate(size)

    def test_truncated_segment_while_running(self):
        self.cut(1, 10 * self.size_ + 100)
        for offset in range(COUNT):
            error, served = self.offsets_from(offset)
            lost = 30 <= offset < 40
            self.assertEqual(error, CORRUPT if lost else 0, f"offset {offset}")
            self.assertEqual(served[:1], [] if lost else [offset])
        self.assertEqual(self.client_.produce("hurt", batch([VALUE])).offset, COUNT)

    def assert_in_error(self, reason):
        line = self.node_.await_line(" error partition cannot be opened partition=hurt-0 ")
        self.assertRegex(line, reason)
        self.assertEqual(self.offsets_from(0)[0], STORAGE)
        self.assertEqual(self.client_.produce("hurt", batch([VALUE])).error, STORAGE)
        self.assertEqual(self.client_.produce("beside", batch([b"c"])).offset, 1)

    def test_truncated_last_segment_while_down(self):
        """Synced records are gone: that is said, not passed over."""
        self.damage_while_down = lambda: self.cut(2, 10 * self.size_ + 100)
        self.restart()
        self.assert_in_error(r"had been synced")

    def test_truncated_middle_segment_while_down(self):
        self.damage_while_down = lambda: self.cut(1, 10 * self.size_ + 100)
        self.restart()
        for offset in range(30, 40):
            self.assertEqual(self.offsets_from(offset), (CORRUPT, []))
        self.assertEqual(self.offsets_from(40)[1][:1], [40])

    def test_deleted_first_segment(self):
        self.damage_while_down = self.segments_[0].unlink
        self.restart()
        self.assert_in_error("is missing")

    def test_deleted_middle_segment(self):
        self.damage_while_down = self.segments_[1].unlink
        self.restart()
        self.assert_in_error("offsets 20 to 39 is missing")

    def test_deleted_last_segment(self):
        self.damage_while_down = self.segments_[2].unlink
        self.restart()
        self.assert_in_error("is missing, it held records up to offset 60")

    def test_all_segments_deleted(self):
        self.damage_while_down = lambda: [path.unlink() for path in self.segments_]
        self.restart()
        self.assert_in_error("is missing")

    def test_deleted_indexes(self):
        def remove():
            for suffix in ("index", "timeindex"):
                for path in self.node_.partition("hurt").glob(f"*.{suffix}"):
                    path.unlink()

        self.damage_while_down = remove
        self.restart()
        for offset in range(COUNT):
            self.assertEqual(self.offsets_from(offset)[1][0], offset)
        for path in self.segments_[:2]:
            self.assertTrue(path.with_suffix(".index").exists())
            self.assertTrue(path.with_suffix(".timeindex").exists())

    def test_garbage_in_indexes(self):
        def spoil():
            for suffix in ("index", "timeindex"):
                for path in self.node_.partition("hurt").glob(f"*.{suffix}"):
                    path.write_bytes(bytes(range(1, 241)))

        self.damage_while_down = spoil
        self.restart()
        for offset in range(COUNT):
            self.assertEqual(self.offsets_from(offset)[1][0], offset)
        self.assertEqual(self.client_.list_offset("hurt", 1), (0, 0))

    def test_torn_tail_after_a_kill(self):
        for tail in (b"\0" * 10, batch([VALUE])[:-5], bytes(5000), b"\xff" * 300):
            with self.subTest(bytes=len(tail), first=tail[0]):
                self.node_.kill()
                told = len(self.node_.lines("cut a torn tail"))
                with open(self.segments_[2], "ab") as file:
                    file.write(tail)
                self.node_.start()
                self.client_ = self.client(self.node_)
                self.await_leader(self.client_, "hurt")
                lines = self.node_.lines("cut a torn tail")[told:]
                self.assertEqual(len(lines), 1, lines)
                self.assertRegex(lines[0], rf"partition=hurt-0 .*bytes={len(tail)} ")
                self.assertEqual(self.client_.end_offset("hurt"), COUNT)
        self.assertEqual(self.offsets_from(COUNT - 1), (0, [COUNT - 1]))
        self.assertEqual(self.client_.produce("hurt", batch([VALUE])).offset, COUNT)
