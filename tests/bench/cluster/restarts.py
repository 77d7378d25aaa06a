"""SIGTERM of the node that leads a partition: it hands over what it leads before it ends, so there need not be a gap at
all. What is measured is the longest time without an acknowledgement from the signal to the first one of a record that
was sent after the node's end."""

import time

from measuring.table import percentile
from stage import say
from streams import streams

RESTARTS, QUICK_RESTARTS = 20, 3


def restart_once(on_stage, node):
    """Milliseconds: (from the signal to the end of the process, pause of the eager client, of the stock one)."""
    places = on_stage.places_of(node)
    told_at = time.monotonic()
    code = on_stage.nodes.terminate(node)
    ended_at = time.monotonic()
    if code != 0:
        raise RuntimeError(f"SIGTERM ended node {node.id} with code {code}: see {node.log_file}")
    pauses = []
    for stream, partition, _ in places:
        last = stream.await_sent_after(ended_at, partition)
        pauses.append(stream.longest_pause(told_at, last.acked_at, partition))
    on_stage.start_again(node)
    return [seconds * 1000 for seconds in (ended_at - told_at, *pauses)]


def measure(options, table):
    count = options.times or (QUICK_RESTARTS if options.quick else RESTARTS)
    with streams(options) as on_stage:
        found = []
        for number in range(count):
            found.append(restart_once(on_stage, on_stage.node_in_turn(number)))
            end, eager, stock = (f"{ms:.0f} ms" for ms in found[-1])
            say(f"restarts: {number + 1} of {count}: ended after {end}, pauses: eager {eager}, stock {stock}")
        records = on_stage.end()
        again = [stream.sent_again() / count for stream in on_stage.all]
    report(table, zip(*found), count, again)
    table.add("  its start, until all is in sync and led as before: p50", percentile(on_stage.settled_after, 0.5), "ms")
    table.add("  how late the machine let the clients run: p99", on_stage.lateness(), "ms")
    table.at_most(f"  of {records} acknowledged records, lost or doubled", 0, "", 0)


def report(table, found, count, again):
    ends, *pauses = found
    table.add(f"SIGTERM of a leader, to the end of the process, {count} times: p50", percentile(ends, 0.5), "ms")
    for name, of_client, sent_again in zip(("eager client", "stock settings"), pauses, again):
        table.add(f"  longest pause between acks, {name}: p50", percentile(of_client, 0.5), "ms")
        table.add("    p99", percentile(of_client, 0.99), "ms")
        table.add("    records sent again", sent_again, "each")
