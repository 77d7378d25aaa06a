"""What a process has used, as the kernel accounts it."""

import os
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cpu:
    """Seconds."""

    user: float
    kernel: float

    @property
    def whole(self):
        return self.user + self.kernel

    def __sub__(self, other):
        return Cpu(self.user - other.user, self.kernel - other.kernel)


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()  # those behind the name, from the third on
    return Cpu(int(fields[11]) / TICKS, int(fields[12]) / TICKS)


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024
