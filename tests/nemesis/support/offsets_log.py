"""The files of `__consumer_offsets`: where what groups leave lies, and how to spoil it while the node is down."""

import struct

from support.batches import BODY_AT, CRC_FROM, HEADER, Varints, crc32c
from support.wire import string

TOPIC = "__consumer_offsets"
OFFSET_KEY, GROUP_KEY = 1, 2
CRC_AT = 17


def partition_of(group, partitions):
    """Java's String.hashCode of the id, without its sign."""
    hashed = 0
    for unit in struct.unpack(f">{len(group)}H", group.encode("utf-16-be")):
        hashed = (31 * hashed + unit) & 0xFFFFFFFF
    return (hashed & 0x7FFFFFFF) % partitions


def offset_key(group, topic, partition):
    return struct.pack(">h", OFFSET_KEY) + string(group) + string(topic) + struct.pack(">i", partition)


def group_key(group):
    return struct.pack(">h", GROUP_KEY) + string(group)


def keys_of(path, group):
    """All keys of records about a group, each once; the longest last, which may hold shorter ones."""
    raw, at, found = path.read_bytes(), 0, set()
    while at + BODY_AT <= len(raw):
        fields = HEADER.unpack_from(raw, at)
        records = Varints(raw, at + BODY_AT)
        for _ in range(fields[12]):
            found.add(records.key())
        at += 12 + fields[1]
    return sorted((key for key in found if key[2:].startswith(string(group))), key=len)


class Spoiler:
    """The last record with a key: its value's bytes can be changed, with the batch's CRC made to fit or not."""

    def __init__(self, path, key):
        self.path_ = path
        self.whole = path.read_bytes()
        value = Varints(self.whole, self.whole.rindex(key) + len(key))
        self.size = max(0, value.next())
        self.value_at_ = value.position()
        self.batch_at_ = self.batch_around_(self.value_at_)

    def batch_around_(self, position):
        at = 0
        while True:
            length = HEADER.unpack_from(self.whole, at)[1]
            if at + 12 + length > position:
                return at
            at += 12 + length

    def spoil(self, byte, fit_crc):
        """Flips bits of one byte of the value."""
        raw = bytearray(self.whole)
        raw[self.value_at_ + byte] ^= 0x50
        if fit_crc:
            end = self.batch_at_ + 12 + HEADER.unpack_from(raw, self.batch_at_)[1]
            struct.pack_into(">I", raw, self.batch_at_ + CRC_AT, crc32c(bytes(raw[self.batch_at_ + CRC_FROM : end])))
        self.path_.write_bytes(raw)

    def mend(self):
        self.path_.write_bytes(self.whole)
