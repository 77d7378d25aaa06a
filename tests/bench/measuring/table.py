"""What benchmarks found, as chisme_bench prints it: a table for people, JSON for programs."""

import json
from dataclasses import dataclass


def number(x):
    return f"{x:.0f}" if x >= 1000 else f"{x:.1f}" if x >= 10 else f"{x:.3f}"


@dataclass
class Row:
    """`bound` is what it is compared with, measured in the same run and in the same unit. `met` is None where no budget
    speaks of it."""

    what: str
    measured: float
    unit: str
    bound: float = None
    budget: str = ""
    met: bool = None

    @property
    def ratio(self):
        return self.measured / self.bound if self.bound else None

    @property
    def verdict(self):
        return "-" if self.met is None else "ok" if self.met else "MISSED"


class Table:
    """Prints rows as they come: a benchmark takes a while."""

    def __init__(self):
        self.rows_ = []

    def print_head(self):
        self.print_("what", "measured", "", "bound", "ratio", "budget", "verdict")

    def add(self, what, measured, unit, bound=None):
        self.add_(Row(what, measured, unit, bound))

    def at_most(self, what, measured, unit, ceiling, bound=None):
        self.add_(Row(what, measured, unit, bound, f"<= {number(ceiling)}", measured <= ceiling))

    def share_of(self, what, measured, unit, bound, floor):
        self.add_(Row(what, measured, unit, bound, f">= {number(floor)} x bound", measured >= floor * bound))

    def add_(self, row):
        bound, ratio = (number(x) if x is not None else "-" for x in (row.bound, row.ratio))
        self.print_(row.what, number(row.measured), row.unit, bound, ratio, row.budget or "-", row.verdict)
        self.rows_.append(row)

    def print_(self, what, measured, unit, bound, ratio, budget, verdict):
        print(f"{what:<58} {measured:>14} {unit:<8} {bound:>14} {ratio:>7}  {budget:<14} {verdict}", flush=True)

    def print_end(self):
        missed = sum(row.met is False for row in self.rows_)
        print(f"{len(self.rows_)} lines, {missed} budgets missed")

    def all_met(self):
        return all(row.met is not False for row in self.rows_)

    def json(self):
        def one(row):
            found = {"what": row.what, "measured": row.measured, "unit": row.unit, "verdict": row.verdict}
            given = {"bound": row.bound, "ratio": row.ratio, "budget": row.budget or None}
            return found | {name: value for name, value in given.items() if value is not None}

        return json.dumps([one(row) for row in self.rows_], indent=2) + "\n"


def percentile(values, share):
    """Of few values the worst one is every high percentile."""
    ascending = sorted(values)
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]
