"""Our own stdin and stdout, for a worker. While it serves, descriptor 1 leads to stderr and descriptor 0 to nothing, so
that what handlers and libraries print or read can't get between the messages."""

import io
import os
import select
import sys
from typing import Optional

CHUNK = 256 * 1024


class OwnStdio:
    def __init__(self) -> None:
        try:
            self._in = os.dup(0)
            self._out = os.dup(1)
        except OSError as error:
            raise OSError(error.errno, "a worker needs an open stdin and stdout: is it started by a parent?") from error
        if sys.platform == "win32":
            import msvcrt

            for descriptor in (self._in, self._out):
                msvcrt.setmode(descriptor, os.O_BINARY)
        self._file = io.FileIO(self._in, "rb", closefd=False)
        # Read into what is there: fresh memory of this size costs more than a small request.
        self._buffer = bytearray(CHUNK)
        self._view = memoryview(self._buffer)
        self._guard()

    def _guard(self) -> None:
        try:
            os.dup2(2, 1)
        except OSError:
            _lead_to_nothing(1, os.O_WRONLY)  # there is no stderr
        _lead_to_nothing(0, os.O_RDONLY)
        # What was printed before and not written yet now goes to stderr; from here on, line by line.
        try:
            sys.stdout.flush()
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        except (AttributeError, OSError, ValueError):
            pass  # there is none, or it is something of the program's own

    def read(self) -> bytes:
        return bytes(self._view[: self._file.readinto(self._buffer)])

    def write(self, data: memoryview) -> int:
        return os.write(self._out, data)

    def is_unread(self) -> bool:
        """Whether nobody can read what is written any more. Where the system does not tell, a write will."""
        if not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(self._out, 0)
        try:
            return any(event & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, event in poll.poll(0))
        except OSError:
            return False


def _lead_to_nothing(descriptor: int, flags: int) -> None:
    nothing: Optional[int] = None
    try:
        nothing = os.open(os.devnull, flags)
        os.dup2(nothing, descriptor)
    except OSError:
        pass  # then it stays as it is
    finally:
        if nothing is not None and nothing != descriptor:
            os.close(nothing)
