"""Stands between the nodes of a cluster: each of them is reached through a port of this program, which can hold up or
break what one node sends to another. Nodes have a connection for each direction, which is dialled by who sends on it."""

import socket
import struct
import threading

from harness.broker import free_port

PIECE = 1 << 16


class Way:
    """A connection from one node to another, or from one that has not said yet who it is."""

    def __init__(self, links, to, dialled, port):
        self.links_, self.to_ = links, to
        self.from_ = None
        self.ends_ = dialled, socket.create_connection(("127.0.0.1", port))
        for source, target, there in ((*self.ends_, True), (*reversed(self.ends_), False)):
            threading.Thread(target=self.pump_, args=(source, target, there), daemon=True).start()

    def pump_(self, source, target, there):
        try:
            if there:
                self.take_hello_(source, target)
            while piece := source.recv(PIECE):
                self.pass_(target, piece)
        except OSError:
            pass
        self.close()

    def take_hello_(self, source, target):
        """size uint32, kind and version uint8, versions 2 x int16, cluster id, node id int32"""
        hello = self.whole_frame_(source)
        at = 10 + 1 + hello[10] - 1
        self.from_, = struct.unpack_from(">i", hello, at)
        self.pass_(target, hello)

    def whole_frame_(self, source):
        raw = b""
        while len(raw) < 4 or len(raw) < 4 + struct.unpack_from(">I", raw)[0]:
            piece = source.recv(PIECE)
            if not piece:
                raise OSError("ended before its hello")
            raw += piece
        return raw

    def pass_(self, target, piece):
        self.links_.await_open_(self.from_, self.to_)
        target.sendall(piece)

    def is_(self, from_, to):
        return (self.from_, self.to_) == (from_, to)

    def close(self):
        for end in self.ends_:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


class Links:
    """`way_to` is for Cluster. Everything is open at first."""

    def __init__(self):
        self.held_ = set()
        self.changed_ = threading.Condition()
        self.ways_, self.listeners_ = [], []

    def way_to(self, number, port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()
        self.listeners_.append(listener)
        threading.Thread(target=self.accept_, args=(listener, number, port), daemon=True).start()
        return listener.getsockname()[1]

    def accept_(self, listener, number, port):
        while True:
            try:
                dialled, _ = listener.accept()
            except OSError:
                return
            try:
                self.ways_.append(Way(self, number, dialled, port))
            except OSError:
                dialled.close()  # that node is down

    def hold(self, *pairs):
        """From here on what the first of a pair sends to the second one stays on its way, the begin of connections,
        too; bytes that are held arrive when the way is opened."""
        with self.changed_:
            self.held_ |= set(pairs)

    def open(self, *pairs):
        """All of them without any."""
        with self.changed_:
            self.held_ -= set(pairs or self.held_)
            self.changed_.notify_all()

    def break_(self, from_, to):
        """The connections that there are; new ones may be made."""
        for way in self.ways_:
            if way.is_(from_, to):
                way.close()

    def await_open_(self, from_, to):
        with self.changed_:
            self.changed_.wait_for(lambda: (from_, to) not in self.held_)

    def close(self):
        self.open()
        for listener in self.listeners_:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for way in self.ways_:
            way.close()
