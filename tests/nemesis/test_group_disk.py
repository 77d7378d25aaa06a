"""Commits to a disk that is full or fails: the member is told to try again, what was acknowledged is not lost (P1)."""

from support.case import MIB, NemesisCase, root
from support.disk import Faults, SmallDisk
from support.group_case import OPTIONS, GroupSteps
from support.groups import RETRY
from support.node import eventually
from support.offsets_log import TOPIC as OFFSETS
from support.offsets_log import partition_of

GROUP, TOPIC = "group", "log"
# Commits with much metadata fill the last block of the log soon.
METADATA = "m" * 4096


class Disk(NemesisCase, GroupSteps):
    def begin(self, **options):
        self.node_ = self.node(options=OPTIONS, **options)
        self.client_ = self.await_coordinator(self.node_, GROUP)
        self.assertEqual(self.client_.create_topic(TOPIC), 0)
        self.member_, = self.formed(self.member(self.node_, GROUP))
        self.commit_well(self.member_, TOPIC, {0: 1})

    def restart(self):
        """As after a crash."""
        self.node_.kill()
        self.node_.start()
        self.client_ = self.await_coordinator(self.node_, GROUP)
        self.member_.client = self.group_client(self.node_)

    def commit_until_refused(self, most=1000):
        """The last offset that was acknowledged."""
        for offset in range(2, most):
            code = self.member_.commit(TOPIC, {0: offset}, metadata=METADATA)[0]
            if code:
                self.assertIn(code, RETRY)
                return offset - 1
        self.fail("no commit was refused")

    def committed(self):
        error, found = self.client_.fetch_committed(GROUP, TOPIC)
        return None if error in RETRY else found[0][0]

    @root
    def test_full_and_free_again(self):
        disk = SmallDisk(self.folder / "disk", 24 * MIB)
        self.addCleanup(disk.close)
        self.begin(prefix=disk.prefix, data=disk.path / "data")
        disk.fill("ballast")
        last = self.commit_until_refused()
        self.remark(f"full after {last} commits")
        self.assertEqual(eventually("the offsets", self.committed), last)
        (disk.outside / "ballast").unlink()
        eventually("a commit", lambda: self.member_.commit(TOPIC, {0: last + 1}) == {0: 0})
        self.restart()
        self.assert_committed(self.client_, GROUP, TOPIC, {0: last + 1})
        self.assertEqual(self.member_.heartbeat(), 0)

    def failing(self, call):
        """A refused commit is on disk or not: nobody was told either. The groups of other partitions go on."""
        faults = Faults(self.folder)
        self.begin(prefix=faults.prefix)
        count = OPTIONS["offsets.topic.num.partitions"]
        place = partition_of(GROUP, count)
        other = next(g for g in map(str, range(100)) if partition_of(g, count) != place)
        beside = self.await_coordinator(self.node_, other)
        faults.set(call, f"{OFFSETS}-{place}/")
        last = self.commit_until_refused()
        self.assertEqual(beside.commit(other, TOPIC, {0: 9}), {0: 0})
        faults.clear()
        self.restart()
        self.assertIn(eventually("the offsets", self.committed), (last, last + 1))
        self.commit_well(self.member_, TOPIC, {0: last + 2})
        self.assert_committed(self.client_, GROUP, TOPIC, {0: last + 2})
        self.assert_committed(self.client_, other, TOPIC, {0: 9})

    def test_failing_sync(self):
        self.failing("sync")

    def test_failing_write(self):
        self.failing("write")
