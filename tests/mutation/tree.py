"""A copy of the sources with all mutations in it, and its build."""
import bisect
import json
import os
import re
import shutil
import subprocess
import sys

from mutator import mutate

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = '#include "messages/mutation.hpp"\n'
BINARIES = ("unit_tests", "sim_tests")
MUTATED = ("chisme_log", "chisme_actors")
HOOKS = {"mutation.hpp": ["messages/mutation.hpp"], "mutation.cpp": ["messages/mutation.cpp"],
         "coverage.cpp": ["tests/unit/mutation_coverage.cpp", "tests/sim/mutation_coverage.cpp"]}


def read(path):
    # Byte by byte, as the compiler counts columns.
    with open(path, encoding="latin-1") as f:
        return f.read()


def write(path, text):
    """Only where it changes, so that no more is built than must be."""
    if os.path.exists(path) and read(path) == text:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1") as f:
        f.write(text)


class Tree:
    def __init__(self, root, folder, files, every=False):
        self.root, self.folder, self.files, self.every = root, folder, files, every
        # As they are now: the build takes a while, and somebody may go on working.
        self.originals = {f: read(os.path.join(root, f)) for f in files}
        self.mutants = []
        self.regions = {}  # file -> (starts of lines, [(first, end, mutant)])
        self.dropped_path = os.path.join(folder, "does_not_compile.json")
        self.dropped = set(json.load(open(self.dropped_path))) if os.path.exists(self.dropped_path) else set()

    def copy(self):
        tracked = subprocess.run(["git", "-C", self.root, "ls-files", "--cached", "--others", "--exclude-standard"],
                                 check=True, capture_output=True, text=True).stdout.splitlines()
        kept = set(tracked) | {to for places in HOOKS.values() for to in places}
        for path in tracked:
            source = os.path.join(self.root, path)
            if path in self.files or path == "CMakeLists.txt" or path.startswith("tests/mutation/") or not os.path.isfile(source):
                continue
            target = os.path.join(self.folder, path)
            if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(source, target)
        for hook, places in HOOKS.items():
            for to in places:
                write(os.path.join(self.folder, to), read(os.path.join(HERE, "hook", hook)))
        for layer in ("actors", "config", "messages", "nodes", "tests"):
            for where, _, names in os.walk(os.path.join(self.folder, layer)):
                for name in names:
                    path = os.path.relpath(os.path.join(where, name), self.folder)
                    if path not in kept:
                        os.remove(os.path.join(self.folder, path))

    def mutate(self):
        self.mutants, number = [], 0
        for path in self.files:
            text, mutants, number = mutate(path, self.originals[path], self.dropped, number, self.every)
            write(os.path.join(self.folder, path), HEAD + text)
            self.mutants += mutants
            self.regions[path] = self.regions_of(HEAD + text, {m.number: m for m in mutants})

        # Fast to compile matters more than fast. A precompiled header wants its own flags.
        rules = read(os.path.join(self.root, "CMakeLists.txt"))
        for path in self.files:
            if path.endswith(".cpp"):
                rules += (f'set_source_files_properties({path} PROPERTIES COMPILE_OPTIONS "-w;-O0;-g0" '
                          'SKIP_PRECOMPILE_HEADERS ON)\n')
        write(os.path.join(self.folder, "CMakeLists.txt"), rules)

    @staticmethod
    def regions_of(text, by_number):
        lines = [0] + [m.end() for m in re.finditer("\n", text)]
        opened, regions = {}, []
        for m in re.finditer(r"/\*(>?)(\d+)(<?)\*/", text):
            n = int(m.group(2))
            if m.group(3):
                opened[n] = m.start()
            elif m.group(1) and n in opened:
                regions.append((opened[n], m.end(), by_number[n]))
        return lines, regions

    # -- building ----------------------------------------------------------------------------------------------------

    def build(self):
        out = os.path.join(self.folder, "build")
        # The flags of every other build, so that ccache knows what is not mutated.
        configure = ["cmake", "-S", self.folder, "-B", out, "-G", "Ninja", "-DCHISME_BENCH=OFF", "-DCHISME_WERROR=ON"]
        subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
        # The libraries first: what does not compile is known before the tests are built.
        for attempt in range(30):
            done = self.ninja(out, *MUTATED)
            if done.returncode == 0:
                done = self.ninja(out, *BINARIES)
            if done.returncode == 0:
                return
            write(os.path.join(self.folder, f"build.{attempt}.log"), done.stdout)
            wrong = self.blame(done.stdout)
            if not wrong:
                sys.exit(done.stdout[-6000:] + "\nthe mutated sources do not build")
            print(f"{len(wrong)} mutations do not compile and are left out", flush=True)
            self.dropped |= {m.key for m in wrong}
            with open(self.dropped_path, "w") as f:
                json.dump(sorted(self.dropped), f)
            self.mutate()
        sys.exit("the mutated sources do not build")

    @staticmethod
    def ninja(out, *targets):
        return subprocess.run([os.environ.get("NINJA", "ninja"), "-C", out, "-k", "0", *targets], capture_output=True,
                              encoding="latin-1", env=os.environ | {"LC_ALL": "C"})

    def blame(self, output):
        """The mutants that the compiler's errors are about."""
        # A constant that others are made of breaks lines all over its file, which are not to blame.
        constants = set(re.findall(r"the value of '(?:\S*::)?(\w+)' is not usable in a constant expression", output))
        if wrong := [m for m in self.mutants if m.kind == "constant" and m.before.split()[0] in constants]:
            return wrong
        found, required = {}, []
        for line in output.splitlines():
            m = re.match(r"(?:In file included from )?(\S+?):(\d+):(\d+):\s+(.*)", line)
            if not m:
                continue
            file, at, column, what = m.group(1), int(m.group(2)), int(m.group(3)), m.group(4)
            path = os.path.relpath(os.path.join(self.folder, "build", file), self.folder)
            if "required from" in what and path in self.regions:
                required.append((path, at, column))
            if re.match(r"(fatal )?error:", what):
                for place in [(path, at, column)] if path in self.regions else required:
                    for mutant in self.mutants_at(*place):
                        found[mutant.key] = mutant
            if "required from" not in what:
                required = []
        return list(found.values())

    def mutants_at(self, path, line, column):
        """The innermost one; where the place is in none, those of the line, of the function, of the file."""
        lines, regions = self.regions[path]
        position = lines[line - 1] + column - 1
        covering = [r for r in regions if r[0] <= position < r[1]]
        if covering:
            return [min(covering, key=lambda r: r[1] - r[0])[2]]
        same_line = [r[2] for r in regions if bisect.bisect_right(lines, r[0]) == line]
        if same_line:
            return same_line
        near = [r[2] for r in regions if r[1] <= position]
        if near:
            return [m for *_, m in regions if m.function == near[-1].function]
        return [m for *_, m in regions]
