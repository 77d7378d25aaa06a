"""All checks of one client against one broker process with a data folder of its own."""

import os
import time

from .broker import Broker
from .checks import stop
from .client import Client, ClientFailed, Unsupported
from .clients import NotInstalled
from .context import Context
from .report import Result


def run_suite(library, checks, command_for, cache, work, results, versions):
    """Appends a Result for each check. What is not installed is skipped by name, and in CI that is a failure."""
    try:
        versions[library.name], command = library.prepare(cache)
    except NotInstalled as reason:
        print(f"SKIPPED {library.name}: {reason}", flush=True)
        status = "failed" if os.environ.get("CI") == "true" else "skipped"
        results.append(Result(library.name, "installed", status, str(reason), 0))
        return
    print(f"{library.name} {versions[library.name]}", flush=True)
    work.mkdir()
    broker = Broker(command_for, work / "data", work / "broker.log")
    client = Client([str(word) for word in command], broker.bootstrap, work / "client.log")
    context = Context(client, broker, library.sets_timestamps)
    try:
        for name, check in {**checks, "SIGTERM ends with 0": stop}.items():
            result = run_check(library.name, name, check, context)
            results.append(result)
            print(f"  {result.status:12} {name} ({result.seconds:.1f} s) {result.detail[:300]}", flush=True)
    finally:
        client.end()
        broker.kill()


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
