"""All checks of one suite of one client against one broker process with a data folder of its own."""

import os
import time

from .broker import Broker
from .cluster import Cluster
from .client import Client, ClientFailed, Unsupported
from .clients import NotInstalled
from .context import Context
from .report import Result


def prepare(libraries, cache, results):
    """Installs; returns {name: (version, command)}. What cannot be had is skipped by name, and in CI that fails."""
    installed = {}
    for library in libraries:
        try:
            version, command = library.prepare(cache)
        except NotInstalled as reason:
            print(f"SKIPPED {library.name}: {reason}", flush=True)
            status = "failed" if os.environ.get("CI") == "true" else "skipped"
            results.append(Result(library.name, "installed", status, str(reason), 0))
            continue
        installed[library.name] = version, [str(word) for word in command]
    return installed


def broker_in(work, command_for, nodes):
    place = work / "data", work / "broker.log"
    return Broker(command_for, *place) if nodes == 1 else Cluster(command_for, *place, nodes)


def run_suite(library, checks, command_for, commands, work, nodes=1):
    """Returns a Result for each check. `commands` has the programs of all clients that are installed."""
    work.mkdir(parents=True)
    broker = broker_in(work, command_for, nodes)
    client = Client(commands[library.name], broker.bootstrap, work / "client.log")
    context = Context(client, broker, library, commands)
    results = []
    try:
        for name, check in checks.items():
            result = run_check(library.name, name, check, context)
            results.append(result)
            said = f"{library.name:16} {result.status:12} {name} ({result.seconds:.1f} s) {result.detail[:300]}"
            print(said, flush=True)
    finally:
        client.end()
        broker.kill()
    return results


def run_check(client_name, name, check, context):
    started = time.monotonic()
    status, detail = "passed", ""
    try:
        if not context.broker.running():
            context.broker.start()
        check(context)
    except Unsupported as reason:
        status, detail = "not offered", str(reason)
    except (AssertionError, ClientFailed, RuntimeError) as error:
        status, detail = "failed", str(error)
        # A client in an unknown state must not spoil the next check.
        context.client.end()
    return Result(client_name, name, status, detail, time.monotonic() - started)
