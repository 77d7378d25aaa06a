"""Records that keep coming into a topic while its group changes."""

import threading

from .client import ClientFailed

PARTITIONS = 3
CHUNK = 30
# Slow enough for every client to keep up, so that what is read is what was just written.
PAUSE_SECONDS = 0.1


class Feed:
    """Has the check's client write chunks; the client is nobody else's until stop()."""

    def __init__(self, ctx, topic):
        self.ctx_, self.topic_ = ctx, topic
        self.over_ = threading.Event()
        self.failure_ = None
        self.writing_ = threading.Lock()
        self.thread_ = threading.Thread(target=self.run_, daemon=True)
        self.thread_.start()

    def pause(self):
        """From here on nothing is written, and the client is free, until resume()."""
        self.writing_.acquire()

    def resume(self):
        self.writing_.release()

    def stop(self):
        self.over_.set()
        self.thread_.join()
        if self.failure_:
            raise self.failure_

    def run_(self):
        try:
            while not self.over_.wait(PAUSE_SECONDS):
                with self.writing_:
                    write_chunk(self.ctx_, self.topic_)
        except (ClientFailed, AssertionError) as failure:
            self.failure_ = failure


def write_chunk(ctx, topic):
    acked = []
    fields = {"topic": topic, "count": CHUNK, "partitions": PARTITIONS, "size": 100, "idempotent": False}
    ctx.client.call("write", on_acked=acked.extend, **fields)
    if len(acked) != CHUNK:
        raise ClientFailed(f"{CHUNK} records written, {len(acked)} acknowledged")
