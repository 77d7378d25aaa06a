"""Members of groups with kcat -G, whose output is read as it comes; it commits by itself what it has printed."""

import os
import re
import signal
import subprocess
import threading

from membership import Journal, leave_request
from protocol import Unsupported

REBALANCED = re.compile(r"% Group .* rebalanced.*?: (assigned|revoked|incremental (?:assignment|revoke))\b.*?: (.*)")
PARTITION = re.compile(r"\[(\d+)\]")
# Its changes of ownership are seen when its lines are: on a busy machine a little later.
BLUR_SECONDS = 1
USUAL = ("% Waiting", "% Reached end")


def member(topic, pattern, group, protocol, assignor, instance, commit_below, session_ms):
    if protocol == "consumer":
        raise Unsupported("the librdkafka of kcat has no complete KIP-848")
    if commit_below is not None:
        raise Unsupported("kcat commits all that it prints")
    leave = leave_request()
    settings = {
        "session.timeout.ms": session_ms,
        "heartbeat.interval.ms": 500,
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 200,
        "reconnect.backoff.max.ms": 500,
        **({"partition.assignment.strategy": assignor} if assignor else {}),
        **({"group.instance.id": instance} if instance else {}),
    }
    options = [word for name, value in settings.items() for word in ("-X", f"{name}={value}")]
    # -E: it outlives the broker; -u: every record is printed before the next one is taken.
    command = ["kcat", "-b", os.environ["BOOTSTRAP"], "-G", group, "-E", "-u", "-f", r"%p %o\n", *options, topic]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # A record that comes after SIGTERM is dropped by kcat, yet committed.
    journal = Journal(pid=process.pid, blur=BLUR_SECONDS, drops_at_end=True)
    watchers = [threading.Thread(target=watch, args=(journal, process)) for watch in (watch_records, watch_groups)]
    for watcher in watchers:
        watcher.start()
    threading.Thread(target=end_at, args=(leave, process), daemon=True).start()
    for watcher in watchers:
        watcher.join()
    process.wait()


def end_at(leave, process):
    leave.wait()
    process.send_signal(signal.SIGTERM)


def watch_records(journal, process):
    for line in process.stdout:
        journal.read(*map(int, line.split()))
        journal.flush()


def watch_groups(journal, process):
    for line in process.stderr:
        if found := REBALANCED.search(line):
            change = journal.gained if "assign" in found[1] else journal.gave_up
            change([int(number) for number in PARTITION.findall(found[2])])
        elif not line.startswith(USUAL):
            journal.trouble(RuntimeError(line.strip()))


OPERATIONS = {"member": member}
