"""A cluster that nobody asks anything: what that costs each node, and the wire between them."""

import shutil
import subprocess
import time
from dataclasses import dataclass

from measuring.processes import cpu_of, resident_mib
from stage import say

SECONDS, QUICK_SECONDS = 30, 5
# At rest: two windows in a row cost about the same; what was done before has no after-effects any more.
WINDOW_SECONDS = 2
MOST_WINDOWS = 15
SAME_PERCENT = 0.5


@dataclass
class Rest:
    """Of each node: `cpu` in percent of a core, `memory` in MiB. `traffic`: bytes a second that nodes sent each other,
    all together; None where it cannot be had."""

    cpu: list
    memory: list
    traffic: float


def seconds_of(nodes):
    return [cpu_of(node.pid).whole for node in nodes]


def percents(nodes, seconds):
    before, begun = seconds_of(nodes), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    return [(b - a) / took * 100 for a, b in zip(before, seconds_of(nodes))]


def await_rest(nodes):
    last = None
    for _ in range(MOST_WINDOWS):
        now = percents(nodes, WINDOW_SECONDS)
        if last and all(abs(a - b) <= SAME_PERCENT for a, b in zip(last, now)):
            return
        last = now
    say(f"never quite at rest: {', '.join(f'{p:.1f} %' for p in last)}")


def field(words, name):
    return sum(int(word.partition(":")[2]) for word in words if word.startswith(name + ":"))


def bytes_between(nodes):
    """That have come and gone, so far, over all connections to ports that are for nodes: each is counted at one end."""
    if not shutil.which("ss"):
        return None
    ports = " or ".join(f"sport = :{node.peer_port}" for node in nodes)
    said = subprocess.run(
        ["ss", "-tniH", "state", "established", f"( {ports} )"], capture_output=True, text=True, check=True
    )
    words = said.stdout.split()
    return field(words, "bytes_acked") + field(words, "bytes_received")


def watch(nodes, quick):
    nodes = list(nodes)
    await_rest(nodes)
    before, begun = bytes_between(nodes), time.monotonic()
    cpu = percents(nodes, QUICK_SECONDS if quick else SECONDS)
    traffic = None
    if before is not None:
        traffic = (bytes_between(nodes) - before) / (time.monotonic() - begun)
    return Rest(cpu, [resident_mib(node.pid) for node in nodes], traffic)


def report(table, name, rest, cpu_ceiling=None):
    busiest = max(rest.cpu)
    if cpu_ceiling is None:
        table.add(f"{name}: CPU of the busiest node", busiest, "% core")
    else:
        table.at_most(f"{name}: CPU of the busiest node", busiest, "% core", cpu_ceiling)
    table.add("  resident memory of the largest node", max(rest.memory), "MiB")
    if rest.traffic is None:
        say(f"{name}: there is no ss (iproute2), so bytes between the nodes are not counted")
    else:
        table.add("  sent between the nodes, all together", rest.traffic / 1000, "kB/s")
