"""Sets configs of a topic or of a group of KIP-848, for clients without such a function; written by hand, as few bytes."""

import socket
import struct

INCREMENTAL_ALTER_CONFIGS, SET = 44, 0
TOPIC, BROKER, GROUP = 2, 4, 32
GUARD_SECONDS = 30


def text(value):
    data = str(value).encode()
    return struct.pack(">h", len(data)) + data


def exactly(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise RuntimeError("the broker closed the connection")
        data += part
    return data


def set_configs(port, kind, name, configs):
    """IncrementalAlterConfigs v0; raises RuntimeError with what the broker says against it."""
    entries = b"".join(text(key) + struct.pack(">b", SET) + text(value) for key, value in configs.items())
    resource = struct.pack(">b", kind) + text(name) + struct.pack(">i", len(configs)) + entries
    request = struct.pack(">hhih", INCREMENTAL_ALTER_CONFIGS, 0, 7, -1) + struct.pack(">i", 1) + resource + b"\0"
    with socket.create_connection(("127.0.0.1", port), timeout=GUARD_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", exactly(connection, 4))
        answer = exactly(connection, size)
    # Correlation id, throttle time, one response: error, message.
    _, _, count, error, length = struct.unpack(">iiihh", answer[:16])
    if count != 1 or error != 0:
        raise RuntimeError(f"configs of {name} refused, error {error}: {answer[16 : 16 + max(0, length)].decode()}")
