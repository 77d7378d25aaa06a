#!/usr/bin/env python3
"""Shows which lines no test notices: changes the sources in many small ways and runs the tests for each change.

See README.md in this folder.
"""
import argparse
import collections
import fnmatch
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from runner import Runner
from tree import HERE, Tree, read

ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDERS = ["actors/log", "actors/partition", "actors/journal", "actors/coordinator", "actors/flusher",
           "actors/supervisor", "actors/cleaner", "actors/groups", "actors/partition/ack_queue.hpp",
           "actors/partition/fetch_waiters.hpp", "actors/log/offset_map.hpp"]


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--files", nargs="+", metavar="PATTERN", default=FOLDERS,
                   help="files, folders or patterns, from the repository's root (default: what the actors decide)")
    p.add_argument("--all", action="store_true", help="every mutant; without it one or two of each line")
    p.add_argument("--changed-since", metavar="REV", help="only lines that differ from REV")
    p.add_argument("--sample", type=int, metavar="N", help="N of them, by chance")
    p.add_argument("--seed", type=int, default=1, help="of --sample")
    p.add_argument("--again", nargs="+", metavar="STATE", help="only those that ended so, for example: survived")
    p.add_argument("--only", nargs="+", metavar="KEY", help="these, by their keys")
    p.add_argument("--seeds", type=int, default=3, metavar="N", help="of each simulation (default 3)")
    p.add_argument("--longest", type=int, default=2000, metavar="MS",
                   help="tests that take longer are left out (default 2000)")
    p.add_argument("--jobs", type=int, default=1, metavar="N", help="at the same time (default 1)")
    p.add_argument("--folder", default=os.path.join(ROOT, "build-mutants"), help="the copy, its build and the results")
    p.add_argument("--list", action="store_true", help="name the mutants, run nothing")
    p.add_argument("--summary", action="store_true", help="of the results that are there; run nothing")
    return p.parse_args()


def git(*words):
    return subprocess.run(["git", "-C", ROOT, *words], check=True, capture_output=True, text=True).stdout


def chosen_files(patterns):
    """The sources of a folder; headers only where they are named: all that include them are compiled anew."""
    def matches(f, p):
        return f == p or fnmatch.fnmatch(f, p) or (f.endswith(".cpp") and f.startswith(p.rstrip("/") + "/"))

    # In the order of the patterns: the numbers of the first ones stay, and so do their objects, when others are added.
    files = [f for f in git("ls-files").splitlines() if f.endswith((".cpp", ".hpp"))]
    return list(dict.fromkeys(f for p in patterns for f in files if matches(f, p)))


def changed_lines(revision):
    """file -> the numbers of its lines that are not in `revision`."""
    lines, file = collections.defaultdict(set), None
    for line in git("diff", "-U0", revision).splitlines():
        if line.startswith("+++ "):
            file = line[6:]
        elif m := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(m.group(1)), int(m.group(2) or 1)
            lines[file].update(range(first, first + count))
    return lines


def state_of_sources():
    """Results are good for as long as neither code nor tests change."""
    h = hashlib.sha1()
    for f in sorted(git("ls-files").splitlines()):
        if f.endswith((".cpp", ".hpp", "/mutator.py")):
            h.update(f.encode() + read(os.path.join(ROOT, f)).encode("latin-1"))
    return h.hexdigest()[:12]


class Results:
    """A line of JSON for each mutant that ran; the last one of a mutant counts."""

    def __init__(self, path):
        self.path, self.of = path, {}
        self.lock = threading.Lock()
        if os.path.exists(path):
            for line in open(path):
                r = json.loads(line)
                self.of[r["key"]] = r

    def add(self, r):
        with self.lock:
            self.of[r["key"]] = r
            with open(self.path, "a") as f:
                f.write(json.dumps(r) + "\n")


def result_of(mutant, state, test, sources):
    utf8 = lambda s: s.encode("latin-1").decode("utf-8", "replace")
    return {"key": mutant.key, "state": state, "test": test, "sources": sources, "file": mutant.file,
            "line": mutant.line, "function": utf8(mutant.function), "kind": mutant.kind,
            "before": utf8(mutant.before), "after": utf8(mutant.after)}


def words_for(r):
    return f'{r["file"]}:{r["line"]} {r["function"]}: {r["kind"]}: {r["before"]} -> {r["after"] or "(nothing)"}  [{r["key"]}]'


def summary(results):
    for state in ("survived", "not reached"):
        print(f"\n{state}:")
        for r in sorted((r for r in results if r["state"] == state), key=lambda r: (r["file"], r["line"])):
            print("  " + words_for(r))
    table = collections.defaultdict(collections.Counter)
    for r in results:
        noticed = r["state"] not in ("survived", "not reached")
        for row in (r["file"], "all"):
            table[row]["found" if noticed else r["state"]] += 1
    print(f'\n{"file":50} {"mutants":>8} {"found":>8} {"survived":>9} {"not reached":>12}')
    for file in sorted(table, key=lambda f: (f == "all", f)):
        c = table[file]
        print(f'{file:50} {sum(c.values()):8} {c["found"]:8} {c["survived"]:9} {c["not reached"]:12}')


def wanted(mutants, options, results):
    if options.changed_since:
        lines = changed_lines(options.changed_since)
        mutants = [m for m in mutants if lines[m.file] & set(range(m.line, m.end_line + 1))]
    if options.again:
        mutants = [m for m in mutants if results.of.get(m.key, {}).get("state") in options.again]
    if options.only:
        mutants = [m for m in mutants if m.key in options.only]
    if options.sample and options.sample < len(mutants):
        chosen = random.Random(options.seed).sample(range(len(mutants)), options.sample)
        mutants = [mutants[i] for i in sorted(chosen)]
    return mutants


def main():
    options = arguments()
    os.makedirs(options.folder, exist_ok=True)
    files = chosen_files(options.files)
    if not files:
        sys.exit("no such files")
    results = Results(os.path.join(options.folder, "results.jsonl"))
    tree = Tree(ROOT, options.folder, files, options.all)
    tree.copy()
    tree.mutate()
    if not (options.list or options.summary):
        print(f"{len(tree.mutants)} mutants in {len(files)} files; building", flush=True)
        tree.build()
    mutants = wanted(tree.mutants, options, results)
    if options.list:
        for m in mutants:
            print(words_for(result_of(m, "", "", "")))
        return
    if options.summary:
        return summary([results.of[m.key] for m in mutants if m.key in results.of])

    sources = state_of_sources() + f"+{options.seeds}+{options.longest}"
    with tempfile.TemporaryDirectory(prefix="chisme-mutants-") as scratch:
        runner = Runner(os.path.join(options.folder, "build"), scratch, options.seeds, options.longest)
        runner.baseline()
        for test in runner.failing:
            print(f"{test} fails without any mutant and is left out")
        waiting = [m for m in mutants if results.of.get(m.key, {}).get("sources") != sources]
        print(f"{len(mutants)} mutants, {len(mutants) - len(waiting)} have results; {len(runner.tests)} tests", flush=True)
        count, told, begun = collections.Counter(), time.monotonic(), time.monotonic()
        lock = threading.Lock()

        def examine(m):
            nonlocal told
            state, test = runner.run(m.number)
            r = result_of(m, state, test, sources)
            results.add(r)
            with lock:
                count[state] += 1
                if state in ("survived", "not reached"):
                    print(f"{state}: {words_for(r)}", flush=True)
                if time.monotonic() - told > 15:
                    told = time.monotonic()
                    print(f"-- {sum(count.values())} of {len(waiting)} in {told - begun:.0f} s: "
                          + ", ".join(f"{n} {s}" for s, n in count.most_common()), flush=True)

        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(examine, waiting))
    summary([results.of[m.key] for m in mutants])


if __name__ == "__main__":
    main()
