"""Writes a text into a topic, a record a line, and tells where each record is.

    produce_lines.py SERVER TOPIC TEXT ACKNOWLEDGED

The key is the line's first word, so that lines that begin alike lie in one partition, in order. ACKNOWLEDGED becomes
a file of partition, offset and line, as the node acknowledged them.
"""

import sys

from confluent_kafka import Producer


def main(server, topic, text, acknowledged):
    with open(text, encoding="utf-8") as source:
        lines = [line.rstrip("\n") for line in source if line.strip()]
    places = {}
    failures = []

    def note(number):
        def delivered(error, message):
            if error is not None:
                failures.append(f"line {number + 1}: {error.str()}")
            else:
                places[number] = (message.partition(), message.offset())

        return delivered

    producer = Producer({"bootstrap.servers": server, "enable.idempotence": True, "acks": "all"})
    for number, line in enumerate(lines):
        producer.produce(topic, key=line.split()[0], value=line, on_delivery=note(number))
        producer.poll(0)
    if producer.flush(60) or failures:
        sys.exit("not everything was acknowledged: " + "; ".join(failures[:5] or ["no answer in 60 s"]))

    print(f"{'line':>4}  {'partition':>9}  {'offset':>6}  text")
    for number, line in enumerate(lines):
        partition, offset = places[number]
        print(f"{number + 1:4}  {partition:9}  {offset:6}  {line}")
    with open(acknowledged, "w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            out.write("\t".join([*map(str, places[number]), line]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
