"""The compact encoding of newer versions: lengths are varints plus one, and tagged fields end each structure."""

import struct

from support.wire import Reader

NO_TAGS = b"\0"


def uvarint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def string(text):
    if text is None:
        return uvarint(0)
    raw = text.encode()
    return uvarint(len(raw) + 1) + raw


def array(items):
    return uvarint(0) if items is None else uvarint(len(items) + 1) + b"".join(items)


def integers(values):
    return array([struct.pack(">i", value) for value in values])


class FlexibleReader(Reader):
    """Of an answer whose header has tags, too; they are passed over."""

    def __init__(self, rest):
        super().__init__(rest.raw_)
        self.at_ = rest.at_
        self.tags()

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def string(self):
        size = self.uvarint()
        return None if size == 0 else self.bytes(size - 1).decode()

    def array(self, read):
        return [read() for _ in range(max(0, self.uvarint() - 1))]

    def tags(self):
        for _ in range(self.uvarint()):
            self.uvarint()
            self.bytes(self.uvarint())
