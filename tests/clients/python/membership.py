"""What the members of groups have in common, whatever their library: what they tell, and when they are to leave.

Times are those of the machine's monotonic clock, which is the same for all processes.
"""

import os
import sys
import threading
import time

import protocol

# So many records at most are read between two commits.
COMMIT_EVERY = 20


def leave_request():
    """An event that is set when the next line of stdin has come."""
    leave = threading.Event()

    def wait():
        sys.stdin.readline()
        leave.set()

    threading.Thread(target=wait, daemon=True).start()
    return leave


class Journal:
    """Tells what is read before it may be committed: a commit of what was never told would hide a lost record."""

    def __init__(self, commit_below=None, pid=None, blur=0, drops_at_end=False):
        self.commit_below_ = commit_below
        self.owned_ = set()
        self.over_ = False
        self.unsaid_ = []
        self.positions_ = {}
        protocol.say({"pid": pid or os.getpid(), "blur": blur, "drops_at_end": drops_at_end})

    def gained(self, partitions):
        self.owns_(self.owned_ | set(partitions))

    def gave_up(self, partitions):
        self.owns_(self.owned_ - set(partitions))

    def forget(self, partitions):
        """They belong to somebody else already: nothing of them can be committed any more."""
        for partition in partitions:
            self.positions_.pop(partition, None)

    def leaving(self):
        """To be called when reading has ended, before the library leaves the group: from here on nothing is owned."""
        self.owns_(set())
        self.over_ = True

    def owns_(self, partitions):
        if not self.over_:
            self.owned_ = partitions
            protocol.say({"owns": sorted(partitions), "at": time.monotonic()})

    def read(self, partition, offset):
        self.unsaid_.append([partition, offset])
        self.positions_[partition] = offset + 1

    def is_long(self):
        return len(self.unsaid_) >= COMMIT_EVERY

    def flush(self):
        if self.unsaid_:
            protocol.say({"read": self.unsaid_})
            self.unsaid_ = []

    def commit(self, commit):
        """commit({partition: next offset}) throws when it fails; then the same is tried again at the next call."""
        self.flush()
        limit = self.commit_below_
        offsets = {p: next_ if limit is None else min(next_, limit) for p, next_ in self.positions_.items()}
        if not offsets:
            return
        try:
            commit(offsets)
        except Exception as error:
            self.trouble(error)
            return
        self.positions_ = {}
        protocol.say({"committed": sorted(offsets.items()), "at": time.monotonic()})

    @staticmethod
    def trouble(error):
        protocol.say({"trouble": f"{type(error).__name__}: {error}"})
