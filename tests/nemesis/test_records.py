"""Record batches that lie: refused with Kafka's error code, nothing of them is stored (P6)."""

import struct
import time
import zlib

from support.batches import BODY_AT, CRC_FROM, GZIP, HEADER, LZ4, SNAPPY, ZSTD, batch, crc32c, record, varint
from support.case import MIB, SharedNodeCase
from support.compressed import lz4_zeros, zstd_frame, zstd_zeros

CORRUPT, TOO_LARGE, ACKS, INVALID, TXN_STATE, UNKNOWN_TOPIC, NOT_AUTHORIZED = 2, 10, 21, 87, 48, 3, 53
ONE = [b"one"]
GIB = 1 << 30


def changed(raw, position, byte):
    return raw[:position] + bytes([byte]) + raw[position + 1 :]


def crossed(raw):
    """One bit of the last byte is another."""
    return raw[:-1] + bytes([raw[-1] ^ 1])


BAD = {
    "wrong crc": (CORRUPT, lambda: crossed(batch(ONE))),
    "crc of another": (CORRUPT, lambda: batch(ONE, crc=12345)),
    "magic 0": (INVALID, lambda: batch(ONE, magic=0)),
    "magic 1": (INVALID, lambda: batch(ONE, magic=1)),
    "magic 3": (INVALID, lambda: batch(ONE, magic=3)),
    "magic -1": (INVALID, lambda: batch(ONE, magic=-1)),
    "no batch": (INVALID, lambda: b""),
    "null": (INVALID, lambda: None),
    "one byte": (CORRUPT, lambda: b"\0"),
    "half a header": (CORRUPT, lambda: batch(ONE)[: BODY_AT // 2]),
    "a header alone": (CORRUPT, lambda: batch(ONE)[:BODY_AT]),
    "truncated": (CORRUPT, lambda: batch(ONE)[:-1]),
    "length too large": (CORRUPT, lambda: batch(ONE, length=2**31 - 1)),
    "length too small": (CORRUPT, lambda: batch(ONE, length=10)),
    "length negative": (CORRUPT, lambda: batch(ONE, length=-1)),
    "length smallest": (CORRUPT, lambda: batch(ONE, length=-(2**31))),
    "two batches": (INVALID, lambda: batch(ONE) + batch(ONE)),
    "bytes behind": (INVALID, lambda: batch(ONE) + b"\0"),
    "count too large": (INVALID, lambda: batch(ONE, count=1000, last_delta=999)),
    "count largest": (INVALID, lambda: batch(ONE, count=2**31 - 1, last_delta=2**31 - 2)),
    "count too small": (INVALID, lambda: batch([b"a", b"b", b"c"], count=1, last_delta=0)),
    "count zero": (INVALID, lambda: batch(ONE, count=0, last_delta=-1)),
    "count negative": (INVALID, lambda: batch(ONE, count=-1)),
    "count smallest": (INVALID, lambda: batch(ONE, count=-(2**31), last_delta=2**31 - 1)),
    "last delta not count - 1": (INVALID, lambda: batch(ONE, last_delta=5)),
    "base offset 7": (INVALID, lambda: batch(ONE, base_offset=7)),
    "codec 5": (INVALID, lambda: batch(ONE, attributes=5)),
    "codec 7": (INVALID, lambda: batch(ONE, attributes=7)),
    "control batch": (INVALID, lambda: batch(ONE, attributes=0x20)),
    "record longer than the batch": (INVALID, lambda: batch([b""], block=varint(10**6) + bytes(20))),
    "record of negative length": (INVALID, lambda: batch([b""], block=varint(-5) + bytes(20))),
    "value longer than its record": (INVALID, lambda: batch([b""], block=varint(6) + b"\0\0\0\1" + varint(99) + b"\0")),
    "endless varint": (INVALID, lambda: batch([b""], block=b"\xff" * 40)),
    "producer without sequence": (INVALID, lambda: batch(ONE, producer=(7, 0, -1))),
}


def squeezed(codec, block, count=1):
    return batch([b""] * count, block=block, attributes=codec)


def gzip_zeros(size, first=b""):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    chunk = bytes(4 * MIB)
    head = packer.compress(first)
    return head + b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()


def zeros_record(size):
    """One record with as many zeros, whole, as gzip makes it."""
    body = b"\0\0\0" + varint(1) + b"k" + varint(size)
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    head = packer.compress(varint(len(body) + size + 1) + body)
    return head + b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.compress(b"\0") + packer.flush()


# The beginning of a record whose value has half a GiB: what follows is read through, as far as the bound.
LONG = varint(GIB) + b"\0\0\0\1" + varint(GIB // 2)

BOMBS = {
    "gzip": (TOO_LARGE, GZIP, lambda: gzip_zeros(128 * MIB, LONG)),
    "gzip of gzip": (INVALID, GZIP, lambda: zlib.compress(gzip_zeros(128 * MIB), 9, 31)),
    "gzip members": (TOO_LARGE, GZIP, lambda: zlib.compress(LONG, 9, 31) + gzip_zeros(16 * MIB) * 12),
    "gzip without a record": (INVALID, GZIP, lambda: gzip_zeros(128 * MIB)),
    "zstd": (TOO_LARGE, ZSTD, lambda: zstd_frame(LONG) + zstd_zeros(4 * GIB)),
    "zstd frames": (TOO_LARGE, ZSTD, lambda: zstd_frame(LONG) + zstd_zeros(32 * MIB) * 40),
    "zstd without a record": (INVALID, ZSTD, lambda: zstd_zeros(4 * GIB)),
    "lz4": (TOO_LARGE, LZ4, lambda: lz4_zeros(128 * MIB, LONG)),
    "lz4 without a record": (INVALID, LZ4, lambda: lz4_zeros(128 * MIB)),
    # Lies about the size are damage.
    "snappy": (INVALID, SNAPPY, lambda: b"\xff\xff\xff\xff\x0f" + bytes(100)),
    "snappy blocks": (INVALID, SNAPPY, lambda: b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, 9) + b"\xff\xff\xff\xff\x0f" + bytes(4)),
}


class Records(SharedNodeCase):
    OPTIONS = {"auto.create.topics.enable": "false", "message.max.bytes": 8 * MIB}

    def test_bad_batches(self):
        topic = self.topic(partitions=2)
        client = self.client(self.shared)
        for count, (name, (error, make)) in enumerate(BAD.items()):
            with self.subTest(name):
                sent = client.send_produce(topic, {0: make(), 1: batch(ONE)})
                answer = client.produced(sent)
                self.assertEqual(answer[0].error, error, answer[0].message)
                self.assertTrue(answer[0].message)
                self.assertEqual((answer[1].error, answer[1].offset), (0, count), "the partition beside it")
        self.assertEqual(client.end_offset(topic), 0)
        self.assertEqual(client.produce(topic, batch(ONE)).offset, 0)

    def test_each_byte_of_the_header(self):
        """Every byte replaced: refused, or one of the three fields that are the broker's to set."""
        topic = self.topic()
        client = self.client(self.shared)
        good = batch(ONE)
        not_ours = range(12, 16)  # the leader epoch; base offset and length are checked
        for position in range(BODY_AT):
            with self.subTest(position=position):
                answer = client.produce(topic, changed(good, position, good[position] ^ 0x55))
                # The bit of transactions is refused before the checksum is looked at.
                refused = (NOT_AUTHORIZED,) if position == 22 else (CORRUPT, INVALID, TOO_LARGE)
                self.assertIn(answer.error, (0,) if position in not_ours else refused)

    def test_a_batch_too_large(self):
        topic = self.topic(max_message_bytes=1000)
        answer = self.client(self.shared).produce(topic, batch([bytes(2000)]))
        self.assertEqual(answer.error, TOO_LARGE)

    def test_requests_as_a_whole(self):
        topic = self.topic()
        client = self.client(self.shared)
        self.assertEqual(client.produce(topic, batch(ONE), acks=7).error, ACKS)
        self.assertEqual(client.produce(topic, batch(ONE), transactional_id="t").error, TXN_STATE)
        self.assertEqual(client.produce("no-such-topic", batch(ONE)).error, UNKNOWN_TOPIC)
        for partition in (1, -1, 2**31 - 1):
            self.assertEqual(client.produce(topic, batch(ONE), partition=partition).error, UNKNOWN_TOPIC)
        self.assertEqual(client.end_offset(topic), 0)

    def test_bad_batch_without_acks(self):
        """Nobody waits for an answer, so the connection is what tells (as Kafka does)."""
        topic = self.topic()
        client = self.client(self.shared)
        client.send_produce(topic, {0: crossed(batch(ONE))}, acks=0)
        self.assert_closed(self.shared, client, "acks=0 failed: CORRUPT_MESSAGE")
        self.assert_serves(self.shared)

    def test_garbage_as_compressed_records(self):
        topic = self.topic()
        client = self.client(self.shared)
        for codec in (GZIP, SNAPPY, LZ4, ZSTD):
            for garbage in (b"", b"\0", b"\xff" * 100, bytes(100), bytes(range(256))):
                with self.subTest(codec=codec, size=len(garbage)):
                    self.assertEqual(client.produce(topic, squeezed(codec, garbage)).error, INVALID)
        self.assertEqual(client.end_offset(topic), 0)

    def test_count_of_compressed_records(self):
        topic = self.topic()
        client = self.client(self.shared)
        inside = zlib.compress(record(0, b"v"), 9, 31)
        self.assertEqual(client.produce(topic, squeezed(GZIP, inside, count=1000)).error, INVALID)
        self.assertEqual(client.produce(topic, squeezed(GZIP, inside)).error, 0)

    def test_compression_bombs(self):
        """Gigabytes of zeros in a few kilobytes: the broker stops at its bound, and keeps none of them."""
        topic = self.topic()
        client = self.client(self.shared)
        self.shared.forget_peak()
        before = self.shared.resident()
        for name, (error, codec, make) in BOMBS.items():
            with self.subTest(name):
                answer = client.produce(topic, squeezed(codec, make()))
                self.assertEqual(answer.error, error, answer.message)
        self.assertEqual(client.end_offset(topic), 0)
        self.assert_grew_less(self.shared, before, 32 * MIB, "memory")
        self.assert_serves(self.shared)

    def test_bombs_of_whole_records(self):
        """As long as all of them are as they should be, the broker has to look at each, or compress them anew."""
        client = self.client(self.shared)
        count = 60 * MIB // len(record(0, None, key=None))
        first_each = zlib.compress(record(0, None, key=None) * count, 9, 31)
        bombs = {
            "each is the first": (INVALID, {}, batch([], block=first_each, count=count, last_delta=count - 1, attributes=GZIP)),
            "for another codec": (TOO_LARGE, {"compression_type": "zstd"}, squeezed(GZIP, zeros_record(60 * MIB))),
            "for no codec": (TOO_LARGE, {"compression_type": "uncompressed"}, squeezed(GZIP, zeros_record(20 * MIB))),
        }
        for name, (error, options, bomb) in bombs.items():
            with self.subTest(name):
                topic = name.replace(" ", "-")
                self.assertEqual(client.create_topic(topic, max_message_bytes=MIB, **options), 0)
                self.await_leader(client, topic)
                self.shared.forget_peak()
                before = self.shared.resident()
                answer = client.produce(topic, bomb)
                self.assertEqual(answer.error, error, answer.message)
                self.assert_grew_less(self.shared, before, 16 * MIB, name)
                self.assertEqual(client.end_offset(topic), 0)

    def test_what_the_broker_puts_right(self):
        """The largest timestamp, as the records say and found by them; offset deltas where nothing is compressed."""
        topic = self.topic()
        client = self.client(self.shared)
        now = time.time_ns() // 1_000_000
        for codec, pack in ((0, bytes), (GZIP, lambda raw: zlib.compress(raw, 9, 31)), (ZSTD, zstd_frame)):
            with self.subTest(codec=codec):
                first = client.end_offset(topic)
                deltas = (9, 9) if codec == 0 else (0, 1)
                block = pack(record(deltas[0], b"a", time_delta=5) + record(deltas[1], b"b", time_delta=9))
                time_of = now + 100 * codec
                lies = batch([b""] * 2, block=block, attributes=codec, time=time_of, max_time=-1)
                self.assertEqual(client.produce(topic, lies).offset, first)
                self.assertEqual(client.list_offset(topic, time_of + 6), (0, first + 1))
                stored = client.fetch(topic, first).records
                fields = HEADER.unpack_from(stored)
                self.assertEqual((fields[0], fields[6], fields[8]), (first, 1, time_of + 9))
                self.assertEqual(fields[4], crc32c(stored[CRC_FROM:]))
                if codec == 0:
                    right = record(0, b"a", time_delta=5) + record(1, b"b", time_delta=9)
                    self.assertEqual(stored[BODY_AT:], right)

    def test_header_size(self):
        """What the positions above rely on."""
        self.assertEqual(HEADER.size, 61)
