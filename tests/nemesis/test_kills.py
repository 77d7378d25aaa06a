"""kill -9, SIGSTOP and SIGTERM while clients write: what was acknowledged is there, in order, once at its offset."""

import random
import signal
import time

from support.batches import batch, values_in
from support.case import NemesisCase, slow
from support.node import eventually
from support.wire import Closed

PARTITIONS = 3
KILLS = 25


class Writer:
    """Writes numbered records into three partitions with many requests in flight; remembers what was acknowledged."""

    def __init__(self, case, seed):
        self.case_ = case
        self.random_ = random.Random(seed)
        self.next_ = 0
        self.acked = {}

    def send(self, client, count):
        """Requests in flight: [(correlation, partition, value)]."""
        flying = []
        for _ in range(count):
            partition = self.next_ % PARTITIONS
            value = b"%d:" % self.next_ + bytes(self.random_.randrange(1500))
            self.next_ += 1
            flying.append((client.send_produce("log", {partition: batch([value])}), partition, value))
        return flying

    def take(self, client, flying):
        for correlation, partition, value in flying:
            answer = client.produced(correlation)[partition]
            self.case_.assertEqual(answer.error, 0, answer.message)
            self.acked[partition, answer.offset] = value

    def take_until_closed(self, client, flying):
        """Returns how many were answered with success; the rest was refused or the connection ended."""
        count = 0
        for correlation, partition, value in flying:
            try:
                answer = client.produced(correlation)[partition]
            except Closed:
                break
            if answer.error == 0:
                self.acked[partition, answer.offset] = value
                count += 1
        return count


class Kills(NemesisCase):
    def started(self, **options):
        node = self.node(options={"log.segment.bytes": 40_000, **options})
        self.assertEqual(self.client(node).create_topic("log", partitions=PARTITIONS), 0)
        return node

    def ready_client(self, node):
        client = self.client(node)
        for partition in range(PARTITIONS):
            self.await_leader(client, "log", partition)
        return client

    def stored(self, client, partition):
        """All values, at dense offsets from 0."""
        end, found = client.end_offset("log", partition), []
        while len(found) < end:
            answer = client.fetch("log", len(found), partition=partition)
            self.assertEqual(answer.error, 0)
            found += values_in(answer.records)
        self.assertEqual([offset for offset, _ in found], list(range(end)))
        return [value for _, value in found]

    def assert_all_there(self, client, writer):
        kept = 0
        for partition in range(PARTITIONS):
            values = self.stored(client, partition)
            mine = {offset: value for (p, offset), value in writer.acked.items() if p == partition}
            for offset, value in mine.items():
                self.assertLess(offset, len(values), f"log-{partition}: an acknowledged record is gone")
                self.assertEqual(values[offset], value, f"log-{partition} offset {offset}")
            numbers = [int(value.split(b":")[0]) for value in values]
            self.assertEqual(numbers, sorted(set(numbers)), "each once, in the order of writing")
            kept += len(values)
        self.remark(f"{len(writer.acked)} acknowledged, {kept} stored")

    def kill_again_and_again(self, kills):
        node = self.started()
        writer = Writer(self, seed=kills)
        chance = random.Random(kills)
        for _ in range(kills):
            client = self.ready_client(node)
            flying = writer.send(client, 60)
            writer.take(client, flying[: chance.randrange(60)])
            node.kill()
            client.socket.close()
            node.start()
        self.assert_all_there(self.ready_client(node), writer)
        self.assertEqual(node.lines(" error "), [])

    def test_kill_three_times(self):
        self.kill_again_and_again(3)

    @slow
    def test_kill_again_and_again(self):
        self.kill_again_and_again(KILLS)

    @slow
    def test_kill_while_starting(self):
        """A recovery that is interrupted at any point is gone through again."""
        node = self.started()
        writer = Writer(self, seed=7)
        client = self.ready_client(node)
        writer.take(client, writer.send(client, 300))
        node.kill()
        for milliseconds in range(0, 60, 4):
            node.start_process()
            time.sleep(milliseconds / 1000)
            node.kill()
        node.start()
        self.assert_all_there(self.ready_client(node), writer)

    def test_stopped_and_continued(self):
        node = self.started()
        writer = Writer(self, seed=1)
        client = self.ready_client(node)
        writer.take(client, writer.send(client, 20))
        node.signal(signal.SIGSTOP)
        flying = writer.send(client, 20)
        node.signal(signal.SIGCONT)
        writer.take(client, flying)
        self.assert_all_there(client, writer)

    def stop_in_flight(self, **options):
        """SIGTERM with 400 requests on their way and a client in a long poll that would outlast the guard of wait()."""
        node = self.started(**options)
        writer = Writer(self, seed=2)
        client, waiting = self.ready_client(node), self.client(node)
        waiting.create_topic("none")
        self.await_leader(waiting, "none")
        waiting.send(waiting.fetch_request("none", 0, wait_ms=60_000))
        flying = writer.send(client, 400)
        writer.take(client, flying[:10])
        begun = time.monotonic()
        node.signal(signal.SIGTERM)
        answered = writer.take_until_closed(client, flying[10:])
        self.assertEqual(node.wait(), 0)
        self.remark(f"{answered} more were answered, ended after {time.monotonic() - begun:.2f} s")
        node.start()
        self.assert_all_there(self.ready_client(node), writer)
        self.assertEqual(node.lines("torn tail| error "), [])

    def test_terminated_in_flight(self):
        self.stop_in_flight()

    def test_terminated_in_flight_lazy(self):
        self.stop_in_flight(**{"log.flush": "lazy"})

    def test_terminated_while_topics_are_made(self):
        """By a client that has gone, so that nothing is left to answer: what is made then is closed, too."""
        node = self.started()
        for round_ in range(15):
            client = self.client(node)
            client.send(client.create_topic_request(f"late-{round_}", partitions=40))
            if round_ % 3:  # sometimes its log has the change, sometimes not
                eventually("a folder of it", lambda topic=f"late-{round_}": node.segments(topic))
            client.socket.close()
            self.assertEqual(node.stop(), 0)
            node.start()
        self.assert_serves(node)

    def test_interrupted(self):
        """SIGINT ends it as SIGTERM does."""
        node = self.started()
        node.signal(signal.SIGINT)
        self.assertEqual(node.wait(), 0)
        self.assertEqual(len(node.lines("node stopped$")), 1)
