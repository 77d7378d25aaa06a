"""Runs the real-client suites: python3 -m harness --help, or ../run.sh."""

import argparse
import pathlib
import shlex
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from . import report
from .checks import CHECKS, stop
from .clients import LIBRARIES
from .group_checks import GROUP_CHECKS
from .kafka import install_kafka, kafka_command
from .suite import prepare, run_suite

ROOT = pathlib.Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(
        prog="tests/clients/run.sh", description="Real Kafka clients against a real broker."
    )
    parser.add_argument(
        "--list", action="store_true", help="print the names of clients and checks, run nothing"
    )
    parser.add_argument("--only", action="append", metavar="CLIENT", help="run this client (repeatable)")
    parser.add_argument(
        "--check", action="append", metavar="CHECK", help="run checks whose name contains this (repeatable)"
    )
    parser.add_argument(
        "--binary", default=str(ROOT / "build" / "chisme"), help="the broker (default: build/chisme)"
    )
    parser.add_argument(
        "--broker-cmd", help="command that runs a broker in the foreground; {data} and {port} are filled in"
    )
    parser.add_argument(
        "--broker", choices=["chisme", "kafka"], default="chisme", help="kafka: the reference broker itself"
    )
    parser.add_argument(
        "--nodes", type=int, default=1, metavar="N", help="a cluster of so many nodes as the broker (default: 1)"
    )
    parser.add_argument(
        "--cache", default=ROOT / "build" / "clients", type=pathlib.Path, help="where libraries are installed"
    )
    parser.add_argument(
        "--report", type=pathlib.Path, help="folder for report.md and report.json (default: the cache folder)"
    )
    parser.add_argument(
        "--jobs", type=int, default=4, help="clients whose group checks run at the same time (default: 4)"
    )
    options = parser.parse_args()
    known = {library.name for library in LIBRARIES}
    if unknown := set(options.only or []) - known:
        parser.error(f"no such client: {', '.join(sorted(unknown))} (there are: {', '.join(sorted(known))})")
    if options.nodes != 1 and (options.broker_cmd or options.broker == "kafka"):
        parser.error("--nodes is for nodes of chisme")
    return options


def command_for(options):
    """How the broker is run: (data, port) -> words. Three partitions by default, for the client that creates its
    topics by writing to them."""
    if options.broker_cmd:
        return lambda data, port: shlex.split(options.broker_cmd.format(data=data, port=port))
    if options.broker == "kafka":
        jars = install_kafka(options.cache)
        return lambda data, port: kafka_command(jars, data, port)
    return lambda data, port: [
        *[str(pathlib.Path(options.binary).resolve()), "node", "--log.dirs", str(data), "--num.partitions", "3"],
        *["--listeners", f"PLAINTEXT://127.0.0.1:{port}"],
        *["--group.initial.rebalance.delay.ms", "200"],
        *["--log.cleaner.backoff.ms", "100"],
        # Groups of KIP-848 may have shorter times than Kafka lets them have by default; the suite sets them.
        *["--group.consumer.min.session.timeout.ms", "1000"],
        *["--group.consumer.min.heartbeat.interval.ms", "100"],
    ]


def selected(checks, parts):
    """Those whose name contains one of the parts."""
    return {name: check for name, check in checks.items() if any(part in name for part in parts or [""])}


def suites(options):
    """(name, checks, how many clients at the same time). Group checks mostly wait for timeouts, so they share the
    machine; the others measure nothing but keep it busy."""
    for name, checks, jobs in (("plain", CHECKS, 1), ("groups", GROUP_CHECKS, options.jobs)):
        if chosen := selected(checks, options.check):
            yield name, {**chosen, f"SIGTERM ends with 0, {name}": stop}, jobs


def run_all(libraries, options, installed, work):
    broker = command_for(options)
    commands = {name: command for name, (_, command) in installed.items()}
    results = []
    for name, checks, jobs in suites(options):
        with ThreadPoolExecutor(jobs) as pool:
            # The last ones take the longest: begun first, they do not run alone at the end.
            runs = {
                library.name: pool.submit(
                    run_suite, library, checks, broker, commands, work / name / library.name, options.nodes
                )
                for library in reversed(libraries)
                if library.name in installed
            }
        results += [result for library in reversed(runs) for result in runs[library].result()]
    return results


def main():
    options = arguments()
    libraries = [library for library in LIBRARIES if not options.only or library.name in options.only]
    if options.list:
        print("clients:", *[library.name for library in LIBRARIES], sep="\n  ")
        print("checks:", *CHECKS, *GROUP_CHECKS, sep="\n  ")
        return 0
    options.cache.mkdir(parents=True, exist_ok=True)
    options.cache = options.cache.resolve()
    work = pathlib.Path(tempfile.mkdtemp(prefix="chisme-clients-"))
    results = []
    installed = prepare(libraries, options.cache, results)
    if selected(GROUP_CHECKS, options.check):
        # Others that a client may share its group with; not checked themselves, so it is no failure to lack them.
        partners = [library for library in LIBRARIES if library not in libraries]
        installed |= prepare(partners, options.cache, [])
    versions = {name: version for name, (version, _) in installed.items()}
    results += run_all(libraries, options, installed, work)
    print("\n" + report.table(results, versions) + "\n")
    print(report.remarks(results))
    report.write(options.report or options.cache, results, versions)
    failed = any(result.status == "failed" for result in results)
    if failed:
        print(f"\nlogs and data are kept in {work}")
    else:
        shutil.rmtree(work)
    print(report.counts(results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
