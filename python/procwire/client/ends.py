"""How a channel ends: once, for the first reason."""

import threading
import time
from typing import Optional

from .. import dialect
from ..errors import ChannelError
from ..peer.session import Session
from .child import Child

MINUTE = 60.0
DRAIN = 0.4
"""After the exit, what is left in the pipe is read for so long at most: a grandchild can hold the pipe for ever."""


class Ends:
    def __init__(self, session: Session, child: Child) -> None:
        self._session = session
        self._child = child
        self._lock = threading.Lock()
        self._input_ended = threading.Event()
        self._over = threading.Event()
        self._closing: Optional[threading.Thread] = None
        self.reason: Optional[ChannelError] = None
        self._noise = 0
        self._noise_since = 0.0
        session.outbox.on_failure = self._unwritable

    def watch(self) -> None:
        threading.Thread(target=self._wait_for_exit, name="procwire-exit", daemon=True).start()

    def check(self, method: str) -> None:
        if self.reason is not None:
            raise self.reason.of(method, "not-sent")

    def begin(self, reason: ChannelError) -> None:
        """The channel has ended, though the worker may still run: nothing waits for an answer any more."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
        self._session.end_outgoing(reason)

    def input_ended(self, reason: Optional[Exception]) -> None:
        """The reader is done: the worker has closed its stdout, or said what can't be read."""
        self._input_ended.set()
        if isinstance(reason, ChannelError) and reason.code != "CHANNEL_CLOSED":
            self.begin(reason)
            self._child.terminate()
        threading.Thread(target=self._end_soon, name="procwire-end", daemon=True).start()

    def noise(self, size: int) -> None:
        """Text that is no message, such as what a library prints: a little is ignored."""
        now, limit = time.monotonic(), self._session.limits.noise_bytes
        if now - self._noise_since > MINUTE:
            self._noise, self._noise_since = 0, now
        self._noise += size
        if self._noise > limit:
            words = f"The worker wrote more than {limit} bytes to its stdout within a minute that are no messages"
            self.begin(ChannelError("FRAME_MALFORMED", words))
            self._child.terminate()

    def _unwritable(self) -> None:
        threading.Thread(target=self._end_soon, name="procwire-end", daemon=True).start()

    def _end_soon(self) -> None:
        """A worker that can't be talked to exits soon, and then its exit is the reason; else it is ended."""
        if not self._over.wait(1.0):
            self.begin(ChannelError("CHANNEL_CLOSED", "The worker closed its stdin or stdout and kept running"))
            self._child.end_input()
            self._child.end(0.0, 2.0)

    def _wait_for_exit(self) -> None:
        self._child.wait()
        has_read_all = self._input_ended.wait(DRAIN)
        self.begin(self._child.how_it_ended())
        self._session.cancel_all()
        self._session.crew.stop()
        self._child.end_input()
        if has_read_all:  # else a thread still reads, because another process holds the pipe
            self._child.close_output()
        self._over.set()

    def close(self, grace: float, term: float) -> None:
        with self._lock:
            if self._closing is None and not self._over.is_set():
                self._closing = threading.Thread(target=self._close, args=(grace, term), name="procwire-close")
                self._closing.start()
            closing = self._closing
        if closing is not None:
            closing.join()
        self.join()

    def _close(self, grace: float, term: float) -> None:
        began = time.monotonic()
        if self.reason is None:
            try:
                frame = self._session.notification(dialect.SHUTDOWN, None)
                with self._session.lock:
                    self._session.outbox.put(frame)
                self._session.crew.submit(self._session.flush)
            except RuntimeError:
                pass  # no thread to be had: the end of its input says it as well
            self.begin(ChannelError("CHANNEL_CLOSED", "The channel was closed"))
        with self._session.lock:
            self._session.outbox.wait_below(0, min(0.2, grace))
        self._child.end_input()
        self._child.end(max(0.0, grace - (time.monotonic() - began)), term)

    def join(self) -> None:
        self._over.wait(1.0)
