"""What a forked report says to the process that started it: messages on a pipe, in order.

A message is its length and JSON. What C code and subprocesses write goes to two further pipes,
those of fds 1 and 2. Before each message a mark is written into both, so that the reader knows
which of that text came before the message.
"""

from __future__ import annotations

import codecs
import os
import secrets
import select
import struct
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

from jupyter_client.session import json_packer, json_unpacker

LENGTH = struct.Struct(">Q")
# A message above this is no output of a report but a mistake, and would not fit the reader either.
LONGEST_MESSAGE = 256 * 2**20
CHUNK = 2**16
STREAMS = ("stdout", "stderr")


class EndedError(Exception):
    """The sender ended before it was done."""


class LateError(Exception):
    """The time given to the sender is over."""


def write_all(fd: int, content: bytes) -> None:
    """Write everything, however little the other side takes at once."""
    left = memoryview(content)
    while left:
        left = left[os.write(fd, left) :]


class Line:
    """The pipes between a report and its parent, made before the fork."""

    def __init__(self) -> None:
        self.mark = b"\x00" + secrets.token_bytes(16) + b"\x00"
        self.messages = os.pipe()
        self.texts = (os.pipe(), os.pipe())

    def sender(self) -> Sender:
        """Return the child's end; the reading ends are closed, and fds 1 and 2 are the pipes."""
        os.close(self.messages[0])
        for number, (reading, writing) in enumerate(self.texts, start=1):
            os.close(reading)
            os.dup2(writing, number)
        return Sender(self.messages[1], tuple(w for _, w in self.texts), self.mark)

    def receiver(self) -> Receiver:
        """Return the parent's end; the writing ends are closed."""
        os.close(self.messages[1])
        for _, writing in self.texts:
            os.close(writing)
        return Receiver(self.messages[0], tuple(r for r, _ in self.texts), self.mark)


class Sender:
    """The end of a report.

    A process that the report forks has this object too, but must not speak for it: ``mine`` is
    false there.
    """

    def __init__(self, messages: int, texts: tuple[int, ...], mark: bytes) -> None:
        self.messages = messages
        self.texts = texts
        self.mark = mark
        self.mine = True
        self.lock = threading.RLock()
        os.register_at_fork(after_in_child=self._not_mine)

    def _not_mine(self) -> None:
        self.mine = False
        self.lock = threading.RLock()

    def send(self, kind: str, **content: Any) -> None:
        """Send a message."""
        packed = json_packer({"kind": kind, **content})
        with self.lock:
            if self.mine:
                for fd in self.texts:
                    write_all(fd, self.mark)
                write_all(self.messages, LENGTH.pack(len(packed)) + packed)


class _Text:
    """What came from one of the fds 1 and 2 and was not handed on yet."""

    def __init__(self, fd: int, mark: bytes) -> None:
        self.fd = fd
        self.mark = mark
        self.raw = bytearray()
        self.open = True
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def fill(self) -> None:
        """Read what is there, waiting for the first of it."""
        got = os.read(self.fd, CHUNK)
        self.raw += got
        self.open = bool(got)

    def before_mark(self) -> str:
        """Return the text up to the next mark, waiting for the mark."""
        while (end := self.raw.find(self.mark)) < 0 and self.open:
            self.fill()
        return self._take(end if end >= 0 else len(self.raw), len(self.mark))

    def without_marks(self) -> str:
        """Return all text so far that surely has no mark in it, nor the beginning of one."""
        end = self.raw.find(self.mark)
        return self._take(end if end >= 0 else max(0, len(self.raw) - len(self.mark)), 0)

    def _take(self, end: int, skip: int) -> str:
        taken = bytes(self.raw[:end])
        del self.raw[: end + skip]
        return self.decode(taken)

    def rest(self) -> str:
        """Return what is left after the sender's end."""
        os.set_blocking(self.fd, False)
        try:
            while self.open and len(self.raw) < LONGEST_MESSAGE:
                self.fill()
        except BlockingIOError:
            pass
        return self.decode(bytes(self.raw).replace(self.mark, b""), True)


class Receiver:
    """The end of the parent."""

    def __init__(self, messages: int, texts: tuple[int, ...], mark: bytes) -> None:
        self.fd = messages
        self.raw = bytearray()
        self.texts = {name: _Text(fd, mark) for name, fd in zip(STREAMS, texts, strict=True)}
        self.poll = select.poll()
        for fd in (messages, *texts):
            self.poll.register(fd, select.POLLIN)

    def close(self) -> None:
        """Close the pipes."""
        for fd in (self.fd, *(text.fd for text in self.texts.values())):
            os.close(fd)

    def receive(self, deadline: float, pidfd: int) -> Iterator[dict[str, Any]]:
        """Return the next message, after the text that was written before it, as ``stream``.

        Raises
        ------
        LateError
            At the deadline, seconds of the monotonic clock.
        EndedError
            If the process of the descriptor is gone and has left no whole message.
        """
        self.poll.register(pidfd, select.POLLIN)
        while (packed := self._whole()) is None:
            left = deadline - monotonic()
            if left <= 0:
                raise LateError
            ready = {fd for fd, _ in self.poll.poll(min(left, 3600.0) * 1000 + 1)}
            yield from self._read_texts(ready)
            if self.fd in ready:
                self._read_messages()
            elif ready == {pidfd}:
                raise EndedError
        for name, text in self.texts.items():
            if before := text.before_mark():
                yield stream(name, before)
        yield json_unpacker(packed)

    def _read_texts(self, ready: set[int]) -> Iterator[dict[str, Any]]:
        """Read text that is there, and hand on what would grow too long otherwise."""
        for name, text in self.texts.items():
            if text.fd in ready:
                text.fill()
                if not text.open:
                    self.poll.unregister(text.fd)
                if len(text.raw) > CHUNK and (sure := text.without_marks()):
                    yield stream(name, sure)

    def _read_messages(self) -> None:
        got = os.read(self.fd, CHUNK)
        if not got:
            raise EndedError
        self.raw += got

    def _whole(self) -> bytes | None:
        """Return a message that has come whole."""
        if len(self.raw) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self.raw)
        if length > LONGEST_MESSAGE:
            raise EndedError
        end = LENGTH.size + length
        if len(self.raw) < end:
            return None
        packed = bytes(self.raw[LENGTH.size : end])
        del self.raw[:end]
        return packed

    def rest(self) -> Iterator[dict[str, Any]]:
        """Return the text that a sender left which ended before it was done."""
        for name, text in self.texts.items():
            if left := text.rest():
                yield stream(name, left)


def stream(name: str, text: str) -> dict[str, Any]:
    """Return a message with text."""
    return {"kind": "stream", "content": {"name": name, "text": text}}
