"""Apache Kafka itself as the broker: what the suites must pass against before they may judge another broker."""

import subprocess

from .broker import free_port
from .clients import HERE, once, run

PROPERTIES = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={data}
num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=200
log.cleaner.backoff.ms=100
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=100
"""
CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"


def install_kafka(cache):
    """Returns the folder of jars."""
    folder, pom = cache / "kafka", HERE / "kafka" / "pom.xml"
    command = ["mvn", "-q", "-B", "-f", pom, f"-Dsuite.build={folder}", "package"]
    once(folder, [pom], lambda: run(command, cache / "kafka.log"))
    return folder / "lib"


def kafka_command(jars, data, port, java_options=("-Xmx512m",)):
    """Writes the settings, formats the data folder and returns the command of a node in KRaft mode."""
    settings = data.parent / "server.properties"
    settings.write_text(PROPERTIES.format(port=port, controller=free_port(), data=data))
    java = ["java", *java_options, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*"]
    subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", settings],
        check=True,
        capture_output=True,
    )
    return [*java, "kafka.Kafka", settings]
