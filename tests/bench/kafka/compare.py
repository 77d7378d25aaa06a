"""This node, synced and lazy, beside Apache Kafka on the same machine: the same client, the same settings, in turn.

    tests/bench/kafka/run.sh [--rounds 3] [--scale 1.0] [--only NAME ...] [--chisme build/chisme] [--folder /tmp]

Kafka never syncs; the column "lazy" makes the same promise, "sync" a stronger one. All brokers are up all the time;
each figure is measured in rounds, one broker after the other in each, and its median is shown. Dirty pages are written
before each turn, so that nobody waits for what another has left. CPU is that of the broker process, split as the
kernel accounts it; on a machine that does other things as well it and the ratios say something, the rates alone do not.
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import contestants
from harness.clients import NotInstalled
from harness.kafka import install_kafka
from measuring.processes import cpu_of, resident_mib

ROOT = pathlib.Path(__file__).resolve().parents[3]

# Name, records, bytes of a value, command, further words of the command.
SHAPES = [
    ("produce 1 KiB", 300_000, 1024, "produce", {}),
    ("produce 100 B", 1_500_000, 100, "produce", {}),
    ("produce 1 KiB lz4", 300_000, 1024, "produce", {"compression": "lz4"}),
    ("consume 1 KiB", 300_000, 1024, "consume", {}),
    ("10 k/s of 1 KiB", 60_000, 1024, "paced", {"rate": 10_000}),
    ("10 k/s of 100 B", 60_000, 100, "paced", {"rate": 10_000}),
]


class Table:
    """Figures of all brokers; the last one is what the others are compared with."""

    def __init__(self, names):
        print(f"{'':34}{'':10}" + "".join(f"{name:>16}" for name in names), end="")
        print("".join(f"{name + ' / ' + names[-1].split()[0]:>26}" for name in names[:-1]), flush=True)

    def add(self, what, unit, rounds):
        """`rounds`: of each broker, a figure for each round."""
        medians = [statistics.median(of_broker) for of_broker in rounds]
        cells = "".join(f"{value:>16.3g}" if value < 1000 else f"{value:>16.0f}" for value in medians)
        reference = medians[-1]
        ratios = "".join(f"{value / reference:>26.2f}" if reference else f"{'-':>26}" for value in medians[:-1])
        print(f"{what:34}{unit:10}{cells}{ratios}", flush=True)


def file_system_of(folder):
    said = subprocess.run(
        ["findmnt", "-n", "-o", "FSTYPE,OPTIONS", "-T", folder], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"


def measure(broker, load, shape, topic):
    """One turn: figures by name and unit."""
    name, count, size, command, words = shape
    given = {"broker": broker.bootstrap, "topic": topic, "count": count, "size": size}
    if command == "consume":
        load.ask("produce", **given)
    os.sync()
    pid = broker.process_.pid
    before = cpu_of(pid)
    got = load.ask(command, **given, **words)
    used = cpu_of(pid) - before
    megabytes = count * size / 1e6
    figures = {}
    if command != "paced":
        figures["", "MB/s"] = megabytes / got["seconds"]
    for key in ("p50", "p99", "p999"):
        if key in got:
            figures[key, "ms"] = got[key] * 1000
    figures["CPU", "ms/MB"] = used.whole * 1000 / megabytes
    figures["CPU, user", "ms/MB"] = used.user * 1000 / megabytes
    figures["CPU, kernel", "ms/MB"] = used.kernel * 1000 / megabytes
    return figures


class Comparison:
    def __init__(self, options, everyone, folder):
        self.options_ = options
        self.everyone_ = everyone
        self.folder_ = folder
        self.table_ = Table([one.name for one in everyone])

    def starts(self):
        """From the start of the process to the first answer, in an empty (formatted) folder."""
        seconds = [[] for _ in self.everyone_]
        idle = [[] for _ in self.everyone_]
        for turn in range(self.options_.rounds):
            for i, one in enumerate(self.everyone_):
                broker = one.broker(self.folder_ / f"start-{turn}")
                begin = time.monotonic()
                broker.start()
                seconds[i].append((time.monotonic() - begin) * 1000)
                idle[i].append(resident_mib(broker.process_.pid))
                broker.kill()
        self.table_.add("start to the first answer", "ms", seconds)
        self.table_.add("resident memory, idle", "MiB", idle)

    def loads(self, shapes, load):
        brokers = [one.broker(self.folder_ / "load") for one in self.everyone_]
        try:
            for broker in brokers:
                broker.start()
            for shape in shapes:
                self.one_shape(brokers, load, shape)
            memory = [[resident_mib(broker.process_.pid)] for broker in brokers]
            self.table_.add("resident memory, after the load", "MiB", memory)
        finally:
            for broker in brokers:
                broker.kill()

    def one_shape(self, brokers, load, shape):
        name, count, *rest = shape
        shape = (name, max(1000, int(count * self.options_.scale)), *rest)
        rounds = [[] for _ in brokers]
        # The first turn is not counted: in it virtual machines compile what is hot.
        for turn in range(self.options_.rounds + 1):
            for i, broker in enumerate(brokers):
                topic = f"{name.replace(' ', '-').replace('/', '-')}-{turn}"
                load.ask("create", broker=broker.bootstrap, topic=topic)
                figures = measure(broker, load, shape, topic)
                if turn > 0:
                    rounds[i].append(figures)
                load.ask("delete", broker=broker.bootstrap, topic=topic)
        for what, unit in rounds[0][0]:
            values = [[figures[what, unit] for figures in of_broker] for of_broker in rounds]
            self.table_.add(f"{name}{', ' if what else ''}{what}", unit, values)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of records")
    names = ", ".join(shape[0] for shape in SHAPES)
    parser.add_argument("--only", action="append", metavar="NAME", help=f"of: start, {names}")
    parser.add_argument("--chisme", type=pathlib.Path, default=ROOT / "build" / "chisme")
    parser.add_argument("--against", type=pathlib.Path, help="another build of the node in the place of Kafka")
    parser.add_argument("--flush", action="append", choices=["sync", "lazy"], help="default: both")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp"), help="data folders are made below")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build" / "bench-kafka", help="of Kafka's jars")
    return parser.parse_args()


def main():
    options = arguments()
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        jars = install_kafka(options.cache)
    except NotInstalled as why:
        print(f"SKIPPED comparison with Kafka: {why}\n0 passed, 0 failed, 1 skipped")
        return 0
    everyone = [contestants.chisme(options.chisme.resolve(), flush) for flush in options.flush or ["sync", "lazy"]]
    if options.against:
        flush = (options.flush or ["sync"])[0]
        other = contestants.chisme(options.against.resolve(), flush)
        other.name = "before " + flush
        everyone = [everyone[0], other]
    else:
        everyone.append(contestants.kafka(jars))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chisme-bench-kafka-", dir=options.folder))
    machine = f"Linux {platform.release()}, {os.cpu_count()} CPUs"
    print(f"data on {file_system_of(folder)}; {machine}; {options.rounds} rounds")
    load = None
    failed = True
    try:
        compared = Comparison(options, everyone, folder)
        wanted = [shape for shape in SHAPES if not options.only or shape[0] in options.only]
        if not options.only or "start" in options.only:
            compared.starts()
        if wanted:
            load = contestants.Load(jars, options.cache / "load.log")
            compared.loads(wanted, load)
        failed = False
    finally:
        if load:
            load.end()
        if failed:
            print(f"what the brokers said is in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
