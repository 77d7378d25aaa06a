"""A member of a consumer group: a client program of its own, which reads until it is told to leave or is killed.

What it tells (see ../README.md) is kept here; the checks compare it with what is in the log.
"""

import json
import os
import signal
import threading
import time

from .client import ClientFailed, Unsupported, start_program

END_GUARD_SECONDS = 30


class Member:
    def __init__(self, name, command, bootstrap, log_path, **fields):
        self.name = name
        self.owned = []  # (time, set of partitions), as it changed
        self.reads = []  # (partition, offset)
        self.commits = []  # (time, {partition: next offset})
        self.ended_at = None
        self.blur = 0  # how late, in seconds, its changes of ownership may be told
        self.drops_at_end = False  # what comes while it leaves is lost
        self.pid_ = None
        self.troubles_ = []
        self.answer_ = None
        self.leaving_ = False
        self.process_ = start_program(command, bootstrap, log_path)
        self.say_({"op": "member", **fields})
        self.reader_ = threading.Thread(target=self.read_, daemon=True)
        self.reader_.start()

    def owns(self):
        return self.owned[-1][1] if self.owned else set()

    def committed(self, before=float("inf")):
        """The highest offset committed in each partition until then."""
        highest = {}
        for at, offsets in self.commits:
            if at < before:
                highest.update({p: max(next_, highest.get(p, 0)) for p, next_ in offsets.items()})
        return highest

    def troubles(self):
        return self.troubles_[-3:]

    def check(self):
        """Raises when it ended although nobody told it to."""
        if not self.leaving_ and not self.reader_.is_alive():
            self.raise_answer_()

    def leave(self):
        """Asks it to leave its group as a program that ends well does, and waits until it has."""
        self.check()
        self.leaving_ = True
        self.say_({"op": "leave"})
        self.end_()
        if "ok" not in (self.answer_ or {}):
            self.raise_answer_()

    def kill(self):
        """SIGKILL for the process that is in the group; all it said before is taken in."""
        self.check()
        self.leaving_ = True
        if self.pid_ is not None:
            os.kill(self.pid_, signal.SIGKILL)
        self.end_()

    def discard(self):
        """For the end of a check that may have failed."""
        self.leaving_ = True
        if self.process_.poll() is None:
            if self.pid_ not in (None, self.process_.pid):
                os.kill(self.pid_, signal.SIGKILL)
            self.process_.kill()
        self.process_.wait()

    def say_(self, request):
        try:
            self.process_.stdin.write(json.dumps(request) + "\n")
            self.process_.stdin.flush()
        except OSError as error:
            raise ClientFailed(f"member {self.name} has ended ({error})") from error

    def end_(self):
        self.reader_.join(END_GUARD_SECONDS)
        if self.reader_.is_alive():
            self.discard()
            raise ClientFailed(f"member {self.name} did not end: {self.troubles()}")
        self.process_.kill()
        self.process_.wait()

    def raise_answer_(self):
        answer = self.answer_ or {}
        if "unsupported" in answer:
            raise Unsupported(answer["unsupported"])
        raise ClientFailed(f"member {self.name} ended: {answer.get('error', 'without a word')} {self.troubles()}")

    def read_(self):
        for line in self.process_.stdout:
            if self.take_(json.loads(line)):
                break
        self.ended_at = time.monotonic()

    def take_(self, event):
        """Returns whether it was the last one."""
        if "pid" in event:
            self.pid_, self.blur = event["pid"], event.get("blur", 0)
            self.drops_at_end = event.get("drops_at_end", False)
        elif "owns" in event:
            self.owned.append((event["at"], set(event["owns"])))
        elif "read" in event:
            self.reads.extend((partition, offset) for partition, offset in event["read"])
        elif "committed" in event:
            self.commits.append((event["at"], dict(event["committed"])))
        elif "trouble" in event:
            self.troubles_.append(event["trouble"])
        else:
            self.answer_ = event
            return True
        return False
