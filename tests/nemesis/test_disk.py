"""A full disk, and a disk that fails: the producers concerned get KAFKA_STORAGE_ERROR(56), nothing acknowledged is
lost, the rest is served (P1)."""

from support.batches import batch, values_in
from support.case import MIB, NemesisCase, root
from support.disk import Faults, OvercommittedDisk, SmallDisk
from support.groups import RETRY, GroupClient
from support.node import eventually

STORAGE = 56
LARGE = batch([bytes(100_000)])


class SmallFiles(NemesisCase):
    def test_files_that_may_not_grow(self):
        """ulimit -f: an error of the write, as on a full disk, and not the end of the node."""
        node = self.node(prefix=["prlimit", f"--fsize={MIB}"])
        client = self.client(node)
        self.assertEqual(client.create_topic("small"), 0)
        answers = [client.produce("small", LARGE).error for _ in range(15)]
        self.assertEqual(answers, sorted(answers))
        self.assertEqual(set(answers), {0, STORAGE})
        self.assertIn(b"\0" * 100, client.fetch("small", 0).records)
        self.assertEqual(client.create_topic("another"), 0)
        self.assertEqual(client.produce("another", batch([b"goes on"])).error, 0)


class FullDisk(NemesisCase):
    def small(self, **options):
        disk = SmallDisk(self.folder / "disk", 24 * MIB)
        self.addCleanup(disk.close)
        return disk, self.node(prefix=disk.prefix, data=disk.path / "data", **options)

    def fill_by_producing(self, client, topic):
        """Returns the number of batches that were acknowledged before the first error."""
        for count in range(1000):
            answer = client.produce(topic, LARGE)
            if answer.error:
                self.assertEqual(answer.error, STORAGE)
                self.assertIn("the disk is full", answer.message)
                return count
            self.assertEqual(answer.offset, count)
        self.fail("the disk never became full")

    def all_values(self, client, topic):
        """Every value from the start of the log to its end, at dense offsets."""
        end, found = client.end_offset(topic), []
        while len(found) < end:
            answer = client.fetch(topic, len(found))
            self.assertEqual(answer.error, 0)
            found += values_in(answer.records)
        self.assertEqual([offset for offset, _ in found], list(range(end)))
        return [value for _, value in found]

    @root
    def test_full_and_free_again(self):
        disk, node = self.small()
        disk.fill("ballast", leave=6 * MIB)
        client, other = self.client(node), self.client(node)
        self.assertEqual(client.create_topic("full"), 0)
        self.assertEqual(client.create_topic("beside"), 0)
        self.assertEqual(other.produce("beside", batch([b"before"])).error, 0)
        written = self.fill_by_producing(client, "full")
        self.remark(f"full after {written} batches")
        for _ in range(5):
            self.assertEqual(client.produce("full", LARGE).error, STORAGE)
        self.assertEqual(len(node.lines(" error .*append failed partition=full-0")), 1)
        self.assertEqual(client.end_offset("full"), written)
        self.assertEqual(len(client.fetch("full", written - 1).records), len(LARGE))
        self.assertEqual(values_in(other.fetch("beside", 0).records), [(0, b"before")])
        (disk.outside / "ballast").unlink()
        self.assertEqual(client.produce("full", batch([b"after"])).offset, written)
        self.assertEqual(other.produce("beside", batch([b"after"])).offset, 1)
        self.assertEqual(self.all_values(client, "full")[written:], [b"after"])
        node.kill()
        node.start()
        client = self.client(node)
        self.assertEqual(self.all_values(client, "full")[written:], [b"after"])
        self.assertEqual(self.all_values(client, "beside"), [b"before", b"after"])

    @root
    def test_full_by_small_segments(self):
        """Each roll needs new files, which is another place to run out of space at."""
        disk, node = self.small(options={"log.segment.bytes": 150_000})
        disk.fill("ballast", leave=3 * MIB)
        client = self.client(node)
        self.assertEqual(client.create_topic("full"), 0)
        written = self.fill_by_producing(client, "full")
        open_files = node.open_files()
        for _ in range(200):
            self.assertEqual(client.produce("full", LARGE).error, STORAGE)
        self.assertLess(node.open_files(), open_files + 20, "segments that were begun and undone stay open")
        (disk.outside / "ballast").unlink()
        self.assertEqual(client.produce("full", LARGE).offset, written)
        node.kill()
        node.start()
        self.assertEqual(len(self.all_values(self.client(node), "full")), written + 1)

    @root
    def test_topic_creation_on_a_full_disk(self):
        """Goes on: the metadata log has a reserve."""
        disk, node = self.small()
        client = self.client(node)
        self.assertEqual(client.create_topic("early"), 0)
        disk.fill("ballast")
        self.assertEqual([client.create_topic(f"late-{i}") for i in range(100)], [0] * 100)
        self.assertEqual(client.end_offset("early"), 0)
        (disk.outside / "ballast").unlink()
        self.assertEqual(client.create_topic("at-last"), 0)
        self.assertEqual(client.produce("at-last", batch([b"x"])).error, 0)
        for i in range(100):
            self.await_leader(client, f"late-{i}")
            self.assertEqual(client.produce(f"late-{i}", batch([b"x"])).offset, 0)

    @root
    def test_deletion_frees_a_full_disk(self):
        disk, node = self.small()
        disk.fill("ballast", leave=6 * MIB)
        client = GroupClient(node.port)
        self.addCleanup(client.socket.close)
        for topic in ["full", "kept"]:
            self.assertEqual(client.create_topic(topic), 0)
        written = self.fill_by_producing(client, "full")
        disk.fill("rest")
        # Whatever room there was in the last block of the metadata log is used up.
        for i in range(150):
            self.assertEqual(client.create_topic(f"small-{i}"), 0)
        self.assertEqual(client.delete_topic("full"), 0)
        for _ in range(written // 2):
            eventually("room for new records", lambda: client.produce("kept", LARGE).error == 0)

    @root
    def test_start_and_stop_on_a_full_disk(self):
        disk, node = self.small()
        client = self.client(node)
        self.assertEqual(client.create_topic("kept"), 0)
        self.assertEqual(client.produce("kept", batch([b"one"])).error, 0)
        disk.fill("ballast")
        node.kill()
        node.start()
        client = self.client(node)
        self.await_leader(client, "kept")
        self.assertEqual(self.all_values(client, "kept"), [b"one"])
        self.assertEqual(node.stop(), 0)
        node.start()
        client = self.client(node)
        self.await_leader(client, "kept")
        self.assertEqual(self.all_values(client, "kept"), [b"one"])
        (disk.outside / "ballast").unlink()
        self.assertEqual(client.produce("kept", batch([b"two"])).offset, 1)


class LyingDisk(NemesisCase):
    """The kernel's own way to lose data: a write-back that fails leaves pages that can be read and are not on the disk."""

    def overcommitted(self):
        disk = OvercommittedDisk(self.folder / "disk", 32 * MIB, 80 * MIB)
        self.addCleanup(disk.close)
        return disk, self.node(prefix=disk.prefix, data=disk.path / "data")

    def produce_until_it_fails(self, client, topics, most=2000):
        """Writes to the topics in turn, a burst at a time, so that many files are dirty in each round of syncing. Returns
        the answers without an error, as (topic, offset, value)."""
        acknowledged = []
        failed = set()
        for count in range(most):
            sent = []
            for topic in topics:
                value = f"{topic} {count} ".encode() + bytes(50_000)
                sent.append((topic, value, client.send_produce(topic, {0: batch([value])})))
            for topic, value, asked in sent:
                answer = client.produced(asked)[0]
                if answer.error:
                    failed.add(topic)
                else:
                    acknowledged.append((topic, answer.offset, value))
            if len(failed) == len(topics):
                return acknowledged
        self.fail(f"only {len(failed)} of {len(topics)} topics met the end of the disk")

    def records_of(self, client, topic):
        end, found = client.end_offset(topic), []
        while len(found) < end:
            answer = client.fetch(topic, len(found))
            self.assertEqual(answer.error, 0)
            found += values_in(answer.records)
        return found

    @root
    def test_what_is_acknowledged_is_on_the_disk(self):
        disk, node = self.overcommitted()
        client = self.client(node)
        topics = [f"t{i}" for i in range(20)]
        for topic in topics:
            self.assertEqual(client.create_topic(topic), 0)
        acknowledged = self.produce_until_it_fails(client, topics)
        self.remark(f"{len(acknowledged)} batches of 50 kB acknowledged")
        node.kill()
        disk.mount_again_with_room(200 * MIB)
        node.start()
        client = self.client(node)
        for topic in topics:
            self.await_leader(client, topic)
        found = {topic: dict(self.records_of(client, topic)) for topic in topics}
        for topic, offset, value in acknowledged:
            self.assertEqual(found[topic].get(offset), value)


class FailingDisk(NemesisCase):
    def setUp(self):
        super().setUp()
        self.faults = Faults(self.folder)
        self.node_ = self.node(prefix=self.faults.prefix)
        self.client_ = self.client(self.node_)
        for topic in ("bad", "good"):
            self.assertEqual(self.client_.create_topic(topic), 0)
            self.assertEqual(self.client_.produce(topic, batch([b"zero"])).offset, 0)

    def restarted(self):
        """A client of the node after kill and start."""
        self.node_.kill()
        self.node_.start()
        client = self.client(self.node_)
        self.await_leader(client, "good")
        return client

    def assert_good(self, client, offset):
        self.assertEqual(client.produce("good", batch([b"good"])).offset, offset)
        self.assertEqual(client.fetch("good", offset).error, 0)

    def test_sync_error(self):
        """After a failed sync nobody knows what is on the disk: the partition stops until the next start."""
        self.faults.set("sync", "/bad-0/")
        answer = self.client_.produce("bad", batch([b"lost"]))
        self.assertEqual(answer.error, STORAGE)
        self.assertIn("sync", answer.message)
        line = self.node_.await_line("partition stopped serving partition=bad-0 ")
        self.assertRegex(line, r" error .*bad-0.*Input/output error.*cure=")
        self.assert_good(self.client_, 1)
        self.faults.clear()
        self.assertEqual(self.client_.produce("bad", batch([b"no"])).error, STORAGE)
        self.assertEqual(self.client_.fetch("bad", 0).error, STORAGE)
        self.assertEqual(len(self.node_.lines("partition=bad-0")), 1)
        client = self.restarted()
        self.assertEqual(values_in(client.fetch("bad", 0).records)[0], (0, b"zero"))
        self.assertEqual(client.produce("bad", batch([b"again"])).error, 0)

    def test_sync_error_beside_a_good_partition(self):
        """Synced in one round: only the one whose file fails is concerned."""
        many = 200
        self.faults.set("sync", "/bad-0/")
        pairs = []
        for _ in range(many):
            pairs.append([self.client_.send_produce(t, {0: batch([b"x"])}) for t in ("good", "bad")])
        answers = [[self.client_.produced(sent)[0] for sent in pair] for pair in pairs]
        self.assertEqual([bad.error for _, bad in answers], [STORAGE] * many)
        self.assertEqual([good.offset for good, _ in answers], list(range(1, many + 1)))

    def test_write_error(self):
        self.faults.set("write", "/bad-0/")
        answer = self.client_.produce("bad", batch([b"lost"]))
        self.assertEqual(answer.error, STORAGE)
        self.assertIn("write", answer.message)
        self.assertEqual(values_in(self.client_.fetch("bad", 0).records), [(0, b"zero")])
        self.assert_good(self.client_, 1)
        self.faults.clear()
        self.assertEqual(self.client_.produce("bad", batch([b"one"])).offset, 1)
        client = self.restarted()
        self.assertEqual(values_in(client.fetch("bad", 0).records), [(0, b"zero"), (1, b"one")])

    def test_read_error(self):
        self.faults.set("read", "/bad-0/")
        self.assertEqual(self.client_.fetch("bad", 0).error, STORAGE)
        self.assertRegex(self.node_.await_line("read failed partition=bad-0 "), "Input/output error")
        self.assert_good(self.client_, 1)
        self.faults.clear()
        self.assertEqual(values_in(self.client_.fetch("bad", 0).records), [(0, b"zero")])
        self.assertEqual(self.client_.produce("bad", batch([b"one"])).offset, 1)

    def test_ends_that_are_none(self):
        """What the memory does not have is read from the disk, also where the kernel says that the file ends there."""
        self.assertEqual(self.client_.produce("bad", LARGE).offset, 1)
        self.faults.set("end", "/bad-0/")
        self.assertEqual(values_in(self.client_.fetch("bad", 0).records)[0], (0, b"zero"))
        answer = self.client_.fetch("bad", 1)
        self.assertEqual(answer.error, 0)
        self.assertEqual(len(answer.records), len(LARGE))

    def test_reads_that_hang(self):
        """Who reads what the disk does not give waits. Appends to that partition, other partitions, groups and new topics go
        on, although all actors share one thread."""
        node = self.node(prefix=self.faults.prefix, options={"num.io.threads": 1})
        client = self.client(node)
        group = GroupClient(node.port)
        self.addCleanup(group.socket.close)
        for topic in ("bad", "good"):
            self.assertEqual(client.create_topic(topic), 0)
            self.assertEqual(client.produce(topic, batch([b"zero"])).offset, 0)
        self.assertEqual(client.produce("bad", LARGE).offset, 1)
        generation, member = self.joined(group)
        self.faults.hang("read", "/bad-0/")
        stuck = [self.client(node) for _ in range(2)]
        for offset, reader in enumerate(stuck):
            reader.send(reader.fetch_request("bad", offset))
        self.faults.await_hang()
        for i in range(1, 6):
            self.assertEqual(group.heartbeat("g", generation, member), 0)
            self.assert_good(client, i)
            self.assertEqual(client.produce("bad", batch([b"more"])).offset, 1 + i)
        self.faults.clear()
        small, large = (reader.fetched(reader.sent_) for reader in stuck)
        self.assertEqual(values_in(small.records)[0], (0, b"zero"))
        self.assertTrue(large.records.startswith(b"\0" * 7 + b"\1"))
        self.assertEqual(len(values_in(small.records)), 7)

    def joined(self, group):
        """(generation, member) of the only member."""
        eventually("a coordinator", lambda: group.find_coordinator("g") == 0)
        times = {"session_ms": 60_000, "rebalance_ms": 60_000}
        first = eventually("a member id", lambda: (answer := group.join("g", **times)).error not in RETRY and answer)
        answer = group.join("g", member=first.member, **times)
        self.assertEqual(answer.error, 0)
        self.assertEqual(group.sync("g", answer.generation, answer.member, {answer.member: b""})[0], 0)
        return answer.generation, answer.member

    def test_read_error_at_start(self):
        """The node starts; the partition is in error, the other one serves."""
        self.faults.set("read", "/bad-0/")
        client = self.restarted()
        self.assertRegex(
            self.node_.await_line("partition cannot be opened and is tried again partition=bad-0 "),
            "Input/output error",
        )
        for error in (client.produce("bad", batch([b"x"])).error, client.fetch("bad", 0).error):
            self.assertEqual(error, STORAGE)
        self.assert_good(client, 1)
        self.faults.clear()
        self.await_leader(client, "bad")
        self.assertEqual(values_in(client.fetch("bad", 0).records), [(0, b"zero")])

    def test_sync_error_of_the_metadata(self):
        """Topics can be neither made nor changed any more, records can still be written and read."""
        self.faults.set("sync", "/__cluster-0/")
        self.assertEqual(self.client_.create_topic("never"), STORAGE)
        self.node_.await_line("partition stopped serving partition=__cluster-0 ")
        self.faults.clear()
        self.assertEqual(self.client_.create_topic("never"), STORAGE)
        self.assert_good(self.client_, 1)
        client = self.restarted()
        self.assertEqual(client.create_topic("at-last"), 0)
        self.assert_good(client, 2)
