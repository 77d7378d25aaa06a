"""Zeros without end in the formats that Python's library does not write, made by hand from their specifications:
zstd (RFC 8878) and the LZ4 frame format 1.6.1."""

import struct

ZSTD_BLOCK = 128 * 1024
LZ4_BLOCK = 4 << 20


def zstd_zeros(size):
    """One frame, of RLE blocks: 4 bytes for each 128 KiB. No content size, a window of 128 KiB."""
    window = bytes([(17 - 10) << 3])
    blocks = size // ZSTD_BLOCK
    rle = 1 << 1
    body = struct.pack("<I", ZSTD_BLOCK << 3 | rle)[:3] + b"\0"
    last = struct.pack("<I", ZSTD_BLOCK << 3 | rle | 1)[:3] + b"\0"
    return struct.pack("<I", 0xFD2FB528) + b"\0" + window + body * (blocks - 1) + last


def zstd_frame(raw):
    """One frame of one block that is not compressed."""
    return struct.pack("<I", 0xFD2FB528) + b"\0\0" + struct.pack("<I", len(raw) << 3 | 1)[:3] + raw


def xxh32_short(raw):
    """XXH32 with seed 0 of less than 16 bytes."""
    p1, p2, p3, p4, p5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
    mask = 0xFFFFFFFF

    def turned(value, bits):
        return (value << bits | value >> 32 - bits) & mask

    hashed = (p5 + len(raw)) & mask
    at = 0
    while at + 4 <= len(raw):
        hashed = turned((hashed + struct.unpack_from("<I", raw, at)[0] * p3) & mask, 17) * p4 & mask
        at += 4
    for byte in raw[at:]:
        hashed = turned((hashed + byte * p5) & mask, 11) * p1 & mask
    hashed = (hashed ^ hashed >> 15) * p2 & mask
    hashed = (hashed ^ hashed >> 13) * p3 & mask
    return hashed ^ hashed >> 16


def lz4_zeros(size, first=b""):
    """One frame of independent 4 MiB blocks: a zero, a match that repeats it, five literal zeros to end with. A block
    of `first`, not compressed, comes before them."""
    descriptor = bytes([0x60, 0x70])
    matched = LZ4_BLOCK - 1 - 5
    run, rest = divmod(matched - 4 - 15, 255)
    block = b"\x1f\0\1\0" + b"\xff" * run + bytes([rest]) + b"\x50" + bytes(5)
    checksum = bytes([xxh32_short(descriptor) >> 8 & 0xFF])
    frame = struct.pack("<I", 0x184D2204) + descriptor + checksum
    if first:
        frame += struct.pack("<I", len(first) | 1 << 31) + first
    return frame + (struct.pack("<I", len(block)) + block) * (size // LZ4_BLOCK) + struct.pack("<I", 0)
