"""Different names that libstdc++'s std::hash cannot tell from each other: MurmurHash2 with a seed that everybody knows."""

import struct

WORD = (1 << 64) - 1
FACTOR = 0xC6A4A7935BD1E995
INVERSE = pow(FACTOR, -1, 1 << 64)
SEED = 0xC70F6907


def mixed(word):
    word = word * FACTOR & WORD
    return (word ^ word >> 47) * FACTOR & WORD


def unmixed(word):
    word = word * INVERSE & WORD
    return (word ^ word >> 47) * INVERSE & WORD


def equal_hashes(count):
    """So many names of 16 bytes: the second half takes back what the first one did."""
    begin = SEED ^ (16 * FACTOR & WORD)
    for i in range(count):
        half = (begin ^ mixed(i)) * FACTOR & WORD
        yield struct.pack("<QQ", i, unmixed(half ^ 0x1234567890ABCDEF))
