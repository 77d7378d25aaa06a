#!/usr/bin/env python3
"""Plants bugs, one after another, and sees whether the simulations find them. See README.md in this folder."""
import argparse
import collections
import importlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, "tests", "mutation"))

from bug import Finder, Moved, edits_by_file, planted_text  # noqa: E402
from tree import read, write  # noqa: E402



def tables():
    """Every X_bugs.py of this folder has its rows in X_BUGS."""
    names = sorted(f[:-3] for f in os.listdir(HERE) if f.endswith("_bugs.py"))
    return [row for name in names for row in getattr(importlib.import_module(name), name.upper())]


BUGS = tables()
README = os.path.join(HERE, "README.md")
TABLE_BEGINS = "| bug | what | found by | first seed |\n"
SECONDS_AT_MOST = 900


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", nargs="+", metavar="BUG", help="these alone")
    p.add_argument("--seeds", type=int, metavar="N", help="so many for each, whatever its row says")
    p.add_argument("--list", action="store_true", help="name them, run nothing")
    p.add_argument("--check", action="store_true", help="that each still fits to the sources; run nothing")
    p.add_argument("--readme", action="store_true", help="write the table of README.md anew from what was found")
    p.add_argument("--folder", default=os.path.join(ROOT, "build-planted"), help="the copy and its build")
    return p.parse_args()


# -- the copy --------------------------------------------------------------------------------------------------------

def tracked_files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout.splitlines()
    return [f for f in listed if os.path.isfile(os.path.join(ROOT, f))]


def planted_texts():
    return {f: planted_text(read(os.path.join(ROOT, f)), edits) for f, edits in edits_by_file(BUGS).items()}


def copy_planted(folder):
    """The sources with all bugs in them. What has not changed is not written, and so not built again."""
    texts = planted_texts()
    texts["messages/planted.hpp"] = read(os.path.join(HERE, "planted.hpp"))
    for f in tracked_files():
        if f not in texts and f.startswith(("CMake", "actors/", "config/", "messages/", "nodes/", "tests/")):
            texts[f] = read(os.path.join(ROOT, f))
    for f, text in texts.items():
        write(os.path.join(folder, f), text)
    for where, _, names in os.walk(folder):
        for f in (os.path.relpath(os.path.join(where, name), folder) for name in names):
            if f not in texts and f.endswith((".cpp", ".hpp")) and not f.startswith("build/"):
                os.remove(os.path.join(folder, f))


def build(folder, bugs):
    out = os.path.join(folder, "build")
    # The flags of every other build, so that ccache knows what has no bug in it.
    subprocess.run(["cmake", "-S", folder, "-B", out, "-G", "Ninja", "-DCHISME_BENCH=OFF", "-DCHISME_WERROR=ON"],
                   check=True, stdout=subprocess.DEVNULL)
    binaries = sorted({finder.binary for bug in bugs for finder in bug.finders})
    subprocess.run([os.environ.get("NINJA", "ninja"), "-C", out, "-k", "0", *binaries], check=True)
    return os.path.join(out, "tests")


# -- running ---------------------------------------------------------------------------------------------------------

def run_test(binaries, finder, bug=None):
    """(exit code, output); the code is negative where a signal ended it."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("CHISME_", "GTEST_", "PLANTED"))}
    if bug:
        env["PLANTED_BUG"] = bug.name
        env["CHISME_SEEDS"] = str(finder.seeds or 1)
    with tempfile.TemporaryDirectory(prefix="chisme-planted-") as scratch:
        with open(os.path.join(scratch, "output"), "w+") as output:
            process = subprocess.Popen([os.path.join(binaries, finder.binary), "--gtest_filter=" + finder.test],
                                       env=env | {"TMPDIR": scratch}, cwd=scratch, stdout=output, stderr=output)
            try:
                code = process.wait(timeout=SECONDS_AT_MOST)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = -signal.SIGALRM
            output.seek(0)
            return code, output.read()


def finding(finder, code, text):
    """(what is told of how it went, the first seed, whether that counts): a test has to say what is wrong by itself."""
    if "[  PASSED  ]" not in text and "[  FAILED  ]" not in text:
        how = "comes to no end" if code == -signal.SIGALRM else f"ended with code {code} without a result"
        return f"{how}: {text[-300:]}", None, False
    if "0 tests from 0 test suites" in text:
        return "no such test", None, False
    if code == 0:
        return f"is not found in {finder.seeds} seeds", None, False
    if not finder.seeds:
        return "found", "-", True
    seed = re.search(r"\bseed (\d+); alone:", text)
    if not seed:
        return f"fails without naming a seed: {text[-300:]}", None, False
    said = re.search(r'Which is: "(.*)"', text)
    return f"seed {seed.group(1)}: {said.group(1) if said else ''}", seed.group(1), True


def write_readme(found):
    """found: (bug's name, test) -> seed"""
    text = read(README)
    begin = text.index(TABLE_BEGINS)
    end = text.find("\n\n", begin)
    rows = [TABLE_BEGINS + "|---|---|---|---|\n"]
    for bug in BUGS:
        for finder in bug.finders:
            rows.append(f"| {bug.name} | {bug.what} | {finder.test.split('.')[0]} | {found[bug.name, finder.test]} |\n")
    write(README, text[:begin] + "".join(rows) + (text[end + 1:] if end >= 0 else ""))


def names_are_unique():
    twice = [n for n, count in collections.Counter(b.name for b in BUGS).items() if count > 1]
    if twice:
        sys.exit("two bugs have the name " + twice[0])


def main():
    options = arguments()
    names_are_unique()
    bugs = [b for b in BUGS if not options.only or b.name in options.only]
    if unknown := set(options.only or ()) - {b.name for b in bugs}:
        sys.exit("no such bug: " + ", ".join(sorted(unknown)))
    if options.list:
        for bug in bugs:
            print(f"{bug.name:40} {bug.what}")
        return
    try:
        if options.check:
            planted_texts()
            print(f"{len(BUGS)} passed, 0 failed")
            return
        copy_planted(options.folder)
    except Moved as moved:
        print(f"FAILED {moved}\n0 passed, 1 failed")
        sys.exit(1)
    binaries = build(options.folder, bugs)

    passed, failed, found = 0, 0, {}

    def count(ok, line):
        nonlocal passed, failed
        passed, failed = passed + ok, failed + (not ok)
        print(("" if ok else "FAILED ") + line, flush=True)

    for finder in sorted({(f.test, f.binary) for b in bugs for f in b.finders}):
        code, text = run_test(binaries, Finder(finder[0], 0, finder[1]))
        count(code == 0 and "[  PASSED  ]" in text, f"without a bug: {finder[0]}" + ("" if code == 0 else "\n" + text[-2000:]))
    for bug in bugs:
        for f in bug.finders:
            finder = Finder(f.test, options.seeds, f.binary) if options.seeds and f.seeds else f
            begun = time.monotonic()
            told, seed, ok = finding(finder, *run_test(binaries, finder, bug))
            found[bug.name, f.test] = seed or "not found"
            count(ok, f"{bug.name} by {f.test.split('.')[0]} in {time.monotonic() - begun:.1f} s: {told}")
    if options.readme:
        write_readme(found)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
