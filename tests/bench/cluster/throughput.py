"""What a sync on three nodes costs: the same load on topics that differ in log.flush only, in turn, and on one node.
Each turn has a topic of its own, which goes when it is over, so that no turn writes back what another has left."""

import collections
import os
import threading
import time
from dataclasses import dataclass
from statistics import median

from flood import Flood
from measuring.processes import Cpu, cpu_of
from stage import cluster, say

ROUNDS, MEGABYTES = 5, 256
QUICK_ROUNDS, QUICK_MEGABYTES = 1, 48
SYNC_FLOOR = 0.8
SHAPES = (1, 6)  # partitions
MIB = 1 << 20


@dataclass
class Turn:
    """CPU is of the whole load, in seconds; a single node has no followers."""

    rate: float
    megabytes: float
    leader: Cpu
    followers: list


def one_turn(stage, topic, partitions, flush, megabytes):
    stage.create_topic(topic, partitions, log_flush=flush)
    flood = Flood(stage.addresses, topic, partitions)
    stage.await_copied(topic, partitions)
    os.sync()
    leader = stage.nodes.await_leader(topic)
    before = {node: cpu_of(node.pid) for node in stage.nodes}
    rate = flood.run(megabytes)
    stage.await_copied(topic, partitions)
    used = {node: cpu_of(node.pid) - before[node] for node in stage.nodes}
    stage.delete_topic(topic)
    return Turn(rate, megabytes, used.pop(leader), list(used.values()))


def plain_files(folder, megabytes):
    """MB/s of three threads, each of which writes the same bytes to a file of its own, and syncs each MiB: no program
    that keeps three synced copies on this disk can be expected to be faster than this by much."""
    piece = os.urandom(MIB)

    def write(path):
        with open(path, "wb", buffering=0) as file:
            for _ in range(int(megabytes * 1e6) // MIB):
                file.write(piece)
                os.fdatasync(file.fileno())
        path.unlink()

    threads = [threading.Thread(target=write, args=(folder / f"plain{i}",)) for i in range(3)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return int(megabytes * 1e6) // MIB * MIB / 1e6 / (time.monotonic() - begun)


def take_turns(trio, alone, partitions, rounds, megabytes, folder):
    """{(nodes, flush): turns}, and the rates of plain files; what comes first is not counted: it warms up."""
    turns, plain = collections.defaultdict(list), []
    for number in range(rounds + 1):
        for nodes, stage in ((3, trio), (1, alone)):
            for flush in ("sync", "lazy"):
                topic = f"p{partitions}-{flush}-{number}"
                turn = one_turn(stage, topic, partitions, flush, megabytes)
                say(f"throughput: {partitions} partitions, {nodes} nodes, {flush}: {turn.rate:.0f} MB/s")
                if number > 0:
                    turns[nodes, flush].append(turn)
        if number > 0:
            plain.append(plain_files(folder, megabytes))
    return turns, plain


def rate_of(turns):
    return median(turn.rate for turn in turns)


def per_megabyte(turns, cpus):
    """Median of milliseconds per MB, (all, the kernel's part)."""
    used = [(cpu, turn.megabytes) for turn in turns for cpu in cpus(turn)]
    return (median(cpu.whole * 1000 / mb for cpu, mb in used), median(cpu.kernel * 1000 / mb for cpu, mb in used))


def report_rates(table, partitions, turns, plain):
    name = f"acks=all, 3 nodes, {partitions} partition{'s' if partitions > 1 else ''}"
    synced, lazy = rate_of(turns[3, "sync"]), rate_of(turns[3, "lazy"])
    table.share_of(f"{name}, synced beside lazy", synced, "MB/s", lazy, SYNC_FLOOR)
    table.add("  synced beside one node, synced", synced, "MB/s", rate_of(turns[1, "sync"]))
    table.add("  lazy beside one node, lazy", lazy, "MB/s", rate_of(turns[1, "lazy"]))
    table.add("  synced beside three plain files, 1 MiB a sync", synced, "MB/s", median(plain))


def report_cpu(table, turns):
    """Where one partition is all the load, a node is nothing but its leader or nothing but its follower."""
    for flush in ("sync", "lazy"):
        alone, _ = per_megabyte(turns[1, flush], lambda turn: [turn.leader])
        leader, of_leader = per_megabyte(turns[3, flush], lambda turn: [turn.leader])
        follower, of_follower = per_megabyte(turns[3, flush], lambda turn: turn.followers)
        table.add(f"CPU of the leader, {flush}, beside one node", leader, "ms/MB", alone)
        table.add("  the kernel's part of it", of_leader, "ms/MB", leader)
        table.add(f"CPU of a follower, {flush}, beside the leader", follower, "ms/MB", leader)
        table.add("  the kernel's part of it", of_follower, "ms/MB", follower)


def measure(options, table):
    rounds, megabytes = (QUICK_ROUNDS, QUICK_MEGABYTES) if options.quick else (ROUNDS, MEGABYTES)
    rounds = options.times or rounds
    with cluster(options) as trio, cluster(options, nodes=1) as alone:
        for partitions in SHAPES:
            turns, plain = take_turns(trio, alone, partitions, rounds, megabytes, options.folder)
            report_rates(table, partitions, turns, plain)
            if partitions == 1:
                report_cpu(table, turns)
