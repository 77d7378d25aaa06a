"""The brokers that are compared, and the client that loads them all."""

import os
import subprocess

from harness.broker import Broker
from harness.kafka import kafka_command

# As Kafka's own start script sets them, log4j aside.
KAFKA_JAVA = (
    "-Xms1G -Xmx1G -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
    "-XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true"
).split()
LOG_LEVEL = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


class Contestant:
    """A way to run a broker. `command_for(data, port)` as Broker has it."""

    def __init__(self, name, command_for):
        self.name = name
        self.command_for_ = command_for

    def broker(self, folder):
        home = folder / self.name.replace(" ", "-")
        home.mkdir(parents=True)
        return Broker(self.command_for_, home / "data", home / "log")


def chisme(binary, flush):
    def command_for(data, port):
        listener = f"PLAINTEXT://127.0.0.1:{port}"
        return [binary, "node", "--listeners", listener, "--log.dirs", data, "--log.flush", flush]

    return Contestant(f"chisme {flush}", command_for)


def kafka(jars):
    (jar,) = jars.glob("kafka-clients-*.jar")
    version = jar.stem.rsplit("-", 1)[1]
    return Contestant(f"Kafka {version}", lambda data, port: kafka_command(jars, data, port, KAFKA_JAVA))


class Load:
    """Load.java in a process of its own; `ask` gives the figures of its answer."""

    def __init__(self, jars, log):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Load.java")
        self.log_ = open(log, "ab")
        self.process_ = subprocess.Popen(
            ["java", "-Xms512m", "-Xmx512m", LOG_LEVEL, "-cp", f"{jars}/*", source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log_,
            text=True,
        )

    def ask(self, command, **given):
        words = [command, *(f"{key}={value}" for key, value in given.items())]
        self.process_.stdin.write(" ".join(words) + "\n")
        self.process_.stdin.flush()
        answer = self.process_.stdout.readline()
        if not answer:
            raise RuntimeError(f"the load ended at `{' '.join(words)}`: see {self.log_.name}")
        return {key: float(value) for key, value in (pair.split("=") for pair in answer.split())}

    def end(self):
        self.process_.kill()
        self.process_.wait()
        self.log_.close()
