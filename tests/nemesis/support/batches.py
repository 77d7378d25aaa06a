"""Record batches of format v2, whole or spoilt: each field of the header can be set to a lie."""

import struct
import time

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
HEADER = struct.Struct(">qiibIhiqqqhii")
BODY_AT = HEADER.size
CRC_FROM = 21


def crc_table_():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc_table_()


def crc32c(raw):
    crc = 0xFFFFFFFF
    table = TABLE
    for byte in raw:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 ^ value >> 63
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def record(delta, value, key=b"k", time_delta=0):
    body = b"\0" + varint(time_delta) + varint(delta)
    body += varint(-1) if key is None else varint(len(key)) + key
    body += varint(-1) if value is None else varint(len(value)) + value
    body += varint(0)
    return varint(len(body)) + body


def batch(values, key=b"k", block=None, **lies):
    """A batch with these values. `block` replaces the records; lies are base_offset, length, magic, crc, attributes,
    last_delta, count, time, max_time, producer (id, epoch, first sequence)."""
    block = b"".join(record(i, v, key) for i, v in enumerate(values)) if block is None else block
    now = lies.get("time", time.time_ns() // 1_000_000)
    last_delta = lies.get("last_delta", len(values) - 1)
    producer = lies.get("producer", (-1, -1, -1))
    tail = struct.pack(">hiqqqhi", lies.get("attributes", 0), last_delta, now, lies.get("max_time", now), *producer)
    tail += struct.pack(">i", lies.get("count", len(values))) + block
    crc = lies.get("crc", crc32c(tail))
    length = lies.get("length", 9 + len(tail))
    return struct.pack(">qiibI", lies.get("base_offset", 0), length, 0, lies.get("magic", 2), crc) + tail


def values_in(raw):
    """[(offset, value)] of uncompressed batches as they came from a fetch; a cut batch at the end is left out."""
    found, at = [], 0
    while at + BODY_AT <= len(raw):
        fields = HEADER.unpack_from(raw, at)
        base, length, count = fields[0], fields[1], fields[12]
        if at + 12 + length > len(raw):
            break
        if crc32c(raw[at + CRC_FROM : at + 12 + length]) != fields[4]:
            raise AssertionError(f"the batch at offset {base} was served with a wrong CRC")
        reader = Varints(raw, at + BODY_AT)
        for _ in range(count):
            found.append((base, *reader.record()))
        at += 12 + length
    return [(base + delta, value) for base, delta, value in found]


class Varints:
    def __init__(self, raw, at):
        self.raw_, self.at_ = raw, at

    def next(self):
        value = shift = 0
        while True:
            byte = self.raw_[self.at_]
            self.at_ += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value >> 1 ^ -(value & 1)

    def field(self):
        size = self.next()
        if size < 0:
            return None
        self.at_ += size
        return self.raw_[self.at_ - size : self.at_]

    def position(self):
        return self.at_

    def record(self):
        """(offset delta, value)"""
        delta, _, value = self.whole_()
        return delta, value

    def key(self):
        """Of a record, all of which is passed over."""
        return self.whole_()[1]

    def whole_(self):
        size = self.next()
        end = self.at_ + size
        self.at_ += 1
        self.next()
        delta, key, value = self.next(), self.field(), self.field()
        self.at_ = end
        return delta, key, value
