"""Runs the tests of the mutated build, one mutant at a time."""
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass

from tree import BINARIES

MEMORY = 4 << 30
FILE_SIZE = 1 << 30
# Tests that take so long run together: most mutants are found by the quick ones.
QUICK_MS = (15, 150)
# For those that never come to an end, beside what the tests usually take.
PATIENCE = 3


@dataclass
class Test:
    binary: str
    name: str
    milliseconds: int
    reaches: frozenset


class Runner:
    def __init__(self, build, scratch, seeds, longest):
        self.build, self.scratch, self.seeds, self.longest = build, scratch, seeds, longest
        self.tests = []
        self.always = set()
        self.failing = []

    def binary(self, name):
        return os.path.join(self.build, "tests", name)

    def environment(self, folder, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MUTANT", "CHISME_", "GTEST_"))}
        return env | {"TMPDIR": folder, "CHISME_SEEDS": str(self.seeds)} | more

    def baseline(self):
        """Which test reaches what. Tests that fail as it is can't find anything."""
        for name in BINARIES:
            with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
                path = os.path.join(folder, "coverage")
                subprocess.run([self.binary(name), "--gtest_brief=1"], env=self.environment(folder, MUTANT_COVERAGE=path),
                               cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1800)
                for line in open(path):
                    test, time, state, numbers = line.rstrip("\n").split("\t")
                    reached = frozenset(int(n) for n in numbers.split(",") if n)
                    if test == "*":
                        self.always |= reached
                    elif state == "ok" and int(time) <= self.longest:
                        self.tests.append(Test(name, test, int(time), reached))
                    elif state != "ok":
                        self.failing.append(test)

    def reaching(self, number):
        everywhere = number in self.always
        return [t for t in self.tests if everywhere or number in t.reaches]

    def rounds(self, number):
        """The tests that reach the mutant: quick ones first, the simulation last."""
        tests = self.reaching(number)
        first = [t for t in tests if t.binary == BINARIES[0]]
        least = -1
        for most in (*QUICK_MS, math.inf):
            yield [t for t in first if least < t.milliseconds <= most]
            least = most
        for other in BINARIES[1:]:
            yield [t for t in tests if t.binary == other]

    def run(self, number):
        """(what became of the mutant, the test that says so)"""
        rounds = [r for r in self.rounds(number) if r]
        if not rounds:
            return "not reached", ""
        for tests in rounds:
            state, test = self.run_tests(number, tests)
            if state != "survived":
                return state, test
        return "survived", ""

    def run_tests(self, number, tests):
        usual = sum(t.milliseconds for t in tests) / 1000
        processor_seconds = int(PATIENCE + 5 * usual)

        def limit():
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        folder = tempfile.mkdtemp(dir=self.scratch)
        try:
            flags = os.path.join(folder, "flags")
            with open(flags, "w") as f:
                f.write("--gtest_filter=" + ":".join(t.name for t in tests) + "\n")
            log = os.path.join(folder, "log")
            with open(log, "w") as out:
                process = subprocess.Popen(
                    [self.binary(tests[0].binary), "--gtest_fail_fast", "--gtest_flagfile=" + flags],
                    env=self.environment(folder, MUTANT=str(number)), cwd=folder, stdout=out, stderr=out,
                    preexec_fn=limit)
                try:
                    code = process.wait(timeout=10 * PATIENCE + 20 * usual)
                except subprocess.TimeoutExpired:
                    code = -signal.SIGXCPU
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
            if code == 0:
                return "survived", ""
            with open(log, errors="replace") as f:
                text = f.read(4 << 20)
            failed = re.findall(r"^\[  FAILED  \] (\S+)", text, re.M)
            begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
            test = failed[0].rstrip(",") if failed else begun[-1] if begun else "the start"
            if code in (-signal.SIGXCPU, -signal.SIGKILL):
                return "timeout", test
            return ("found" if code > 0 else "crash"), test
        finally:
            shutil.rmtree(folder, ignore_errors=True)
