"""What a broker really stored: the headers of the record batches in <data>/<topic>-<partition>/*.log.

Both Kafka and chisme keep batches there as they came over the wire, so the attributes say which codec and which
producer id the client sent.
"""

import pathlib
import struct
from dataclasses import dataclass

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
HEADER = struct.Struct(">qiibIhiqqqhii")
PREFIX_BYTES = 12


@dataclass
class Batch:
    base_offset: int
    size: int
    codec: str
    last_offset_delta: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records: int


def read_batches(data, topic, partition):
    """The batches of one partition in log order; stops at zeros or a torn tail."""
    batches = []
    for path in sorted(pathlib.Path(data, f"{topic}-{partition}").glob("*.log")):
        with path.open("rb") as file:
            position = 0
            while batch := read_batch(file, position):
                batches.append(batch)
                position += batch.size
    return batches


def read_batch(file, position):
    file.seek(position)
    header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    fields = HEADER.unpack(header)
    base_offset, length, _, magic, _, attributes, last_delta, _, _, pid, epoch, sequence, count = fields
    if magic != 2 or length <= 0:
        return None
    codec = CODECS[attributes & 7]
    return Batch(base_offset, PREFIX_BYTES + length, codec, last_delta, pid, epoch, sequence, count)
