"""The client side of the suite's line protocol (see ../README.md), shared by the Python programs."""

import base64
import json
import sys


class Unsupported(Exception):
    """This library has no such function."""


def to_wire(data):
    return None if data is None else base64.b64encode(data).decode()


def from_wire(text):
    return None if text is None else base64.b64decode(text)


def record_to_wire(offset, timestamp, key, value, headers):
    headers = [[name, to_wire(data)] for name, data in headers or []]
    return {
        "offset": offset,
        "timestamp": timestamp,
        "key": to_wire(key),
        "value": to_wire(value),
        "headers": headers,
    }


def decode_records(records):
    for record in records:
        headers = [(name, from_wire(data)) for name, data in record["headers"]]
        yield dict(record, key=from_wire(record["key"]), value=from_wire(record["value"]), headers=headers)


def numbered_value(number, size):
    """The value of record `number` in `write`."""
    return f"{number}:".encode().ljust(size, b".")


def say(answer):
    """One line in one write: several threads may report acknowledgements."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve(operations):
    """Answers requests until stdin ends. `operations` maps names to functions of the request's fields."""
    for line in sys.stdin:
        request = json.loads(line)
        operation = operations.get(request.pop("op"))
        try:
            if operation is None:
                raise Unsupported("the library has no such function")
            say({"ok": operation(**request)})
        except Unsupported as reason:
            say({"unsupported": str(reason)})
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})
