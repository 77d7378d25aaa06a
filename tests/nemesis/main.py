"""Runs the suites test_*.py: one line a test, and last the counts. See README.md, ./run.sh --help."""

import argparse
import os
import pathlib
import resource
import sys
import time
import unittest

from support.case import SLOW

HERE = pathlib.Path(__file__).resolve().parent


class Report(unittest.TestResult):
    """A line a test, with what it measured; what failed is told at once, not at the end."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.begun_ = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self.line_("ok", test, "; ".join(getattr(test, "remarks", [])))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line_("SKIPPED", test, reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.line_("FAILED", test, "\n" + self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.line_("FAILED", test, "\n" + self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.line_("FAILED", subtest, "\n" + (self.failures + self.errors)[-1][1])

    def line_(self, verdict, test, remark):
        took = time.monotonic() - getattr(self, "begun_", time.monotonic())
        name = test.id().removeprefix("test_")
        print(f"{verdict:8}{took:6.2f} s  {name}" + (f"  ({remark})" if remark.strip() else ""), flush=True)


def tests_of(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from tests_of(entry)
        else:
            yield entry


def wanted(test, options):
    name = test.id()
    if options.quick and getattr(getattr(test, test.id().rsplit(".", 1)[-1], None), SLOW, False):
        return False
    return not options.only or any(part in name for part in options.only)


def main():
    parser = argparse.ArgumentParser(prog="tests/nemesis/run.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes more than a few seconds")
    parser.add_argument("--list", action="store_true", help="print the names of the tests, run nothing")
    parser.add_argument("only", nargs="*", metavar="PART", help="run tests whose name contains one of these")
    options = parser.parse_args()
    os.environ.setdefault("CHISME", str(HERE.parents[1] / "build" / "chisme"))
    if not os.access(os.environ["CHISME"], os.X_OK):
        sys.exit(f"{os.environ['CHISME']}: no such program; build it, or say where it is with CHISME=")
    # Ten thousand connections are ten thousand descriptors here, too.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = unittest.defaultTestLoader.discover(str(HERE), pattern="test_*.py", top_level_dir=str(HERE))
    chosen = [test for test in tests_of(found) if wanted(test, options)]
    if options.list:
        print(*[test.id().removeprefix("test_") for test in chosen], sep="\n")
        return 0
    report = Report()
    unittest.TestSuite(chosen).run(report)
    # A subtest that fails fails its test once more, so the tests that failed are those that did not pass.
    failed = report.testsRun - report.passed - len(report.skipped)
    failed = max(failed, 1 if report.failures or report.errors else 0)
    print(f"{report.passed} passed, {failed} failed, {len(report.skipped)} skipped")
    return 1 if failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
