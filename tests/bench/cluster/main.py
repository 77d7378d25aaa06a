"""The budgets of a cluster: three nodes on this machine, a stock client, and what they are compared with in one run.

    tests/bench/cluster/run.sh [--quick] [--only NAME ...] [--times N] [--json FILE] [--binary build/chisme]
                               [--folder /tmp]

Progress is told on stderr, the table goes to stdout. Nodes, clients and whatever else the machine does share its cores
and its disk: ratios say something, rates alone do not. Exit code: 0 where every budget is met, 1 where one is missed,
2 where a promise was broken on the way (a record lost or doubled) or nothing could be measured.
"""

import argparse
import os
import pathlib
import platform
import signal
import sys
import traceback

import idle
import kills
import partitions
import restarts
import throughput
from measuring.table import Table

ROOT = pathlib.Path(__file__).resolve().parents[3]

BENCHES = {
    "throughput": ("acks=all on three nodes, synced beside lazy and beside one node; CPU per MB", throughput.measure),
    "kills": ("kill -9 of leaders, to the next acknowledgement", kills.measure),
    "restarts": ("SIGTERM of leaders, to the next acknowledgement", restarts.measure),
    "partitions": ("1,000 partitions of three replicas: creation, idle cost, memory, restart", partitions.measure),
    "idle": ("a cluster that does nothing: CPU, memory, bytes between its nodes", idle.measure),
}


def arguments():
    listed = "\n".join(f"  {name}: {about}" for name, (about, _) in BENCHES.items())
    parser = argparse.ArgumentParser(
        prog="tests/bench/cluster/run.sh",
        description=__doc__,
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, one round")
    parser.add_argument("--only", action="append", metavar="NAME", choices=BENCHES, help="just this one (repeatable)")
    parser.add_argument("--times", type=int, metavar="N", help="kills and restarts, and rounds of throughput")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results to this file")
    parser.add_argument("--binary", type=pathlib.Path, metavar="PATH", default=ROOT / "build" / "chisme")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp"), help="where data folders are made")
    return parser.parse_args()


def main():
    options = arguments()
    if not os.access(options.binary, os.X_OK):
        print(f"{options.binary}: no such program; build it, or say where it is with --binary", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nodes end with this program, whatever ends it
    os.environ["CHISME"] = str(options.binary.resolve())  # where the harness of nodes looks for it
    table = Table()
    machine = f"Linux {platform.release()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    print(f"data below {options.folder}; {machine}", flush=True)
    table.print_head()
    broken = False
    for name, (_, measure) in BENCHES.items():
        if options.only and name not in options.only:
            continue
        try:
            measure(options, table)
        except Exception:
            traceback.print_exc()
            print(f"{name}: FAILED, see stderr", flush=True)
            broken = True
    table.print_end()
    if options.json:
        options.json.write_text(table.json())
    return 2 if broken else 0 if table.all_met() else 1


if __name__ == "__main__":
    sys.exit(main())
