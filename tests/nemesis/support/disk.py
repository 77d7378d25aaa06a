"""Disks with bad days: one that is small, and calls that fail."""

import errno
import os
import pathlib
import subprocess

from support.node import eventually, sanitizer

SOURCE = pathlib.Path(__file__).with_name("faults.c")


class SmallDisk:
    """A tmpfs of a few megabytes in a mount namespace of its own, which no other process sees; it goes away with
    this object. Nodes enter it with `prefix`; `path` is the folder inside, `outside` the way to the same from here."""

    def __init__(self, mount_point, size):
        mount_point.mkdir()
        script = f"mount -t tmpfs -o size={size} tmpfs '{mount_point}' && echo mounted && exec cat"
        self.holder_ = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.holder_.stdout.readline() != "mounted\n":
            raise AssertionError("cannot mount a tmpfs in a namespace of its own")
        self.path = mount_point
        self.prefix = ["nsenter", f"--mount=/proc/{self.holder_.pid}/ns/mnt", "--"]
        self.outside = pathlib.Path(f"/proc/{self.holder_.pid}/root{mount_point}")

    def fill(self, name, leave=0):
        """A file that takes all free space but `leave` bytes."""
        free = os.statvfs(self.outside)
        with open(self.outside / name, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)

    def close(self):
        self.holder_.stdin.close()
        self.holder_.wait()
        self.holder_.stdout.close()


class OvercommittedDisk:
    """An ext4 of `promised` bytes on a device that has room for `size`: the file system takes what is written, and finds
    out while it writes it back. In a mount namespace of its own, as SmallDisk."""

    def __init__(self, mount_point, size, promised):
        self.backing_ = SmallDisk(mount_point, size)
        self.prefix = self.backing_.prefix
        self.image_ = mount_point / "image"
        self.path = mount_point / "fs"
        with open(self.backing_.outside / "image", "wb") as image:
            image.truncate(promised)
        (self.backing_.outside / "fs").mkdir()
        # What is written first is the journal and the tables, so that later only data is lost.
        self.run_("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image_)
        self.mount_()

    def run_(self, *command):
        subprocess.run([*self.prefix, *map(str, command)], check=True, capture_output=True)

    def mount_(self):
        self.run_("mount", "-o", "loop", self.image_, self.path)

    def mount_again_with_room(self, size):
        """What was in the page cache only is gone; from now on the device has room for `size`."""
        self.run_("umount", self.path)
        self.run_("mount", "-o", f"remount,size={size}", self.backing_.path)
        self.mount_()

    def close(self):
        subprocess.run([*self.prefix, "umount", self.path], check=False, capture_output=True)
        self.backing_.close()


class Faults:
    """Calls of a node that fail or hang on files whose path holds a text. Hand `prefix` to the node."""

    def __init__(self, folder):
        library = folder / "faults.so"
        compiler = ["gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]
        subprocess.run(compiler, check=True, capture_output=True)
        self.list_ = folder / "faults"
        # The sanitizer's runtime wants to be the first library, which a preloaded one is instead.
        asan = sanitizer("verify_asan_link_order=0")
        self.prefix = ["env", f"LD_PRELOAD={library}", f"NEMESIS_FAULTS={self.list_}", asan]

    def set(self, call, part_of_path, number=errno.EIO):
        """`call` is sync, read, write or end."""
        part = self.list_.with_suffix(".new")
        part.write_text(f"{call} {number} {part_of_path}\n")
        part.rename(self.list_)

    def hang(self, call, part_of_path):
        """From here on such calls hang, until clear()."""
        self.set(call, part_of_path, 0)

    def await_hang(self):
        eventually("a call that hangs", self.list_.with_suffix(".hangs").exists)

    def clear(self):
        self.list_.unlink()
