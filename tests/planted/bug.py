"""What a planted bug is, and how the text of a file becomes one with all its bugs in it."""
import collections
import re
from dataclasses import dataclass

HEAD = '#include "messages/planted.hpp"\n'


class Moved(Exception):
    """A row of the table does not fit to the sources any more."""


@dataclass(frozen=True)
class Edit:
    file: str
    old: str  # occurs once
    new: str  # in which PLANTED says whether the bug is switched on


@dataclass(frozen=True)
class Finder:
    test: str   # of sim_tests or unit_tests
    seeds: int  # that are enough to find it; 0: the test has none
    binary: str = "sim_tests"


@dataclass(frozen=True)
class Bug:
    name: str
    what: str
    edits: tuple
    finders: tuple

    def __init__(self, name, what, edits, *finders):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "what", what)
        object.__setattr__(self, "edits", tuple(edits))
        object.__setattr__(self, "finders", finders)


def edits_by_file(bugs):
    """file -> [(bug, edit)]"""
    found = collections.defaultdict(list)
    for bug in bugs:
        for edit in bug.edits:
            found[edit.file].append((bug, edit))
    return found


def place_of(bug, edit, text):
    count = text.count(edit.old)
    if count != 1:
        raise Moved(f"{bug.name}: its text occurs {count} times in {edit.file}, not once: did the code change?")
    if "PLANTED" not in edit.new:
        raise Moved(f"{bug.name}: its replacement in {edit.file} is always on")
    begin = text.index(edit.old)
    return begin, begin + len(edit.old)


def planted_text(text, edits):
    """`text` with all of the [(bug, edit)]."""
    places = sorted(((place_of(bug, edit, text), bug, edit) for bug, edit in edits), key=lambda p: p[0])
    out, at = [], 0
    for (begin, end), bug, edit in places:
        if begin < at:
            raise Moved(f"{bug.name}: its text in {edit.file} overlaps with that of another bug")
        out += [text[at:begin], re.sub(r"\bPLANTED\b", f'::chisme_planted::on("{bug.name}")', edit.new)]
        at = end
    return HEAD + "".join(out) + text[at:]
