"""kill -9 of each node in turn, again and again, while two clients write to partitions that it leads: an eager one and
one with stock settings. What is measured is the time from the kill to the first acknowledgement of a record that was
sent after it: by then all that was in flight is settled, too. A node is started again, in sync, and leads what it
should, before the next one is killed."""

import time

from measuring.table import percentile
from stage import say, until
from streams import streams

KILLS, QUICK_KILLS = 50, 5
P99_CEILING_MS = 500


def await_next_leader(stage, topic, partition, epoch):
    """Until another node than the one that is gone says that it leads."""

    def elected(node):
        told = stage.partitions_of(topic, node).get(partition)
        return told and told.leader == node.id and told.epoch > epoch

    until(f"{topic}-{partition} has another leader", lambda: any(map(elected, stage.nodes.awake())))


def kill_once(on_stage, node):
    """Milliseconds: (to the next leader, to the next acknowledgement for the eager client, for the stock one)."""
    places = on_stage.places_of(node)
    killed_at = time.monotonic()
    on_stage.nodes.kill(node)
    stream, partition, epoch = places[0]
    await_next_leader(on_stage.stage, stream.topic, partition, epoch)
    elected_at = time.monotonic()
    acked_at = [stream.await_sent_after(killed_at, partition).acked_at for stream, partition, _ in places]
    on_stage.start_again(node)
    return [(at - killed_at) * 1000 for at in (elected_at, *acked_at)]


def measure(options, table):
    count = options.times or (QUICK_KILLS if options.quick else KILLS)
    with streams(options) as on_stage:
        found = []
        for number in range(count):
            found.append(kill_once(on_stage, on_stage.node_in_turn(number)))
            elected, eager, stock = (f"{ms:.0f} ms" for ms in found[-1])
            say(f"kills: {number + 1} of {count}: led after {elected}, acknowledged: eager {eager}, stock {stock}")
        records = on_stage.end()
    report(table, zip(*found), len(found))
    table.add("  its start, until all is in sync and led as before: p50", percentile(on_stage.settled_after, 0.5), "ms")
    table.add("  how late the machine let the clients run: p99", on_stage.lateness(), "ms")
    table.at_most(f"  of {records} acknowledged records, lost or doubled", 0, "", 0)


def report(table, found, count):
    elected, eager, stock = found
    table.add(f"kill -9 of a leader, to the next one, {count} times: p50", percentile(elected, 0.5), "ms")
    table.add("  p99", percentile(elected, 0.99), "ms")
    table.add("  to the next ack, eager client: p50", percentile(eager, 0.5), "ms")
    table.at_most("    p99", percentile(eager, 0.99), "ms", P99_CEILING_MS)
    table.add("    longest", max(eager), "ms")
    table.add("  to the next ack, stock settings: p50", percentile(stock, 0.5), "ms")
    table.add("    p99", percentile(stock, 0.99), "ms")
