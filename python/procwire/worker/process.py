"""A worker that is a process: from its start to its end.

The longest that it lives, whatever its handlers do and however much of its output is unread:

| what it hears | time |
|---|---|
| the parent is gone | at once; 1 s at most |
| SIGTERM | 1 s for what waits to be written |
| `shutdown` | 2 s for what waits to be written |
| the end of its input | `Limits.grace`, the last 0.5 s for answers alone |
"""

import asyncio
import os
import signal
import sys
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Dict, Optional

from ..errors import words_of
from ..link.group import Family
from ..link.report import report
from ..link.stdio import OwnStdio
from ..peer.crew import Crew
from ..peer.reader import Reader
from ..peer.session import Session
from ..wire.codec import make_codec
from .method import Method
from .running import AsyncRunner
from .service import WorkerService

if TYPE_CHECKING:
    from .worker import Worker

SWITCH_INTERVAL = 0.0005
"""Seconds a thread computes before another gets its turn: so soon a cancel is heard."""
LOOK = 0.05
LAST_WRITE = {"shutdown": 2.0, "terminated": 1.0, "broken": 2.0}


class Process:
    def __init__(self, worker: "Worker", methods: Dict[str, Method], listeners: Dict[str, Method]) -> None:
        self._family = Family()
        self._stdio = OwnStdio()
        limits = worker.limits
        self._limits = limits
        self._crew = Crew("procwire", worker.threads, limits.queued, limits.queued_bytes)
        codec = make_codec(worker.codec, worker.framing, limits.depth)
        self._session = Session(codec, worker.framing, limits, self._crew, self._stdio.write)
        self._service = WorkerService(self._session, methods, listeners, self._end)
        self._reader = Reader(self._session, self._service, worker.framing, self._stdio.read)
        self._crew.read = self._reader.run
        self._crew.on_look = self._look
        self._session.outbox.on_failure = lambda: self._end("unread", None)
        self._how: Optional[str] = None
        self._reason: Optional[Exception] = None
        # Of all that wakes a thread, this may be used where a signal has interrupted anything.
        self._ends: "SimpleQueue[None]" = SimpleQueue()
        self._loop = asyncio.new_event_loop() if worker.needs_loop else None
        if self._loop is not None:
            self._service.asynchronous = AsyncRunner(self._session, self._loop)

    def run(self) -> None:
        sys.setswitchinterval(min(SWITCH_INTERVAL, sys.getswitchinterval()))
        if threading.current_thread() is threading.main_thread():
            # Ctrl-C reaches the whole foreground group, and what to do about it is the parent's decision.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, lambda *_: self._end("terminated", None))
        self._crew.start()
        if self._loop is None:
            self._ends.get()
            self._settle()
        else:
            self._run_loop(self._loop)
        self._finish()

    def _run_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """The event loop runs here until handlers have had their grace; what waits is done beside it."""
        asyncio.set_event_loop(loop)
        ended = loop.create_future()

        def wait() -> None:
            self._ends.get()
            self._settle()
            loop.call_soon_threadsafe(ended.set_result, None)

        threading.Thread(target=wait, name="procwire-end", daemon=True).start()
        loop.run_until_complete(ended)

    def _end(self, how: str, reason: Optional[Exception]) -> None:
        """The first one counts. Also called by a signal: it takes no lock that is held by what it interrupted."""
        if self._how is None:
            self._how, self._reason = how, reason
        self._reader.is_over = True
        self._ends.put(None)

    def _look(self, now: float) -> bool:
        # Where the end of the input does not tell: another process holds the other end.
        if self._family.is_orphan and self._how is None:
            self._end("orphan", None)
        return self._session.look(now)

    def _settle(self) -> None:
        """Gives open requests what time they have, refuses the rest, and has all written that somebody reads."""
        session, how = self._session, self._how
        if isinstance(self._reason, Exception):
            report(f"the worker ends: {words_of(self._reason)}")
        until = time.monotonic() + LAST_WRITE.get(how or "", 0.0)
        if how == "eof":
            self._family.wait_for_adoption()
            until = time.monotonic() + self._limits.grace
            self._wait_for_handlers(until - min(0.5, self._limits.grace / 10))
        session.cancel_all()
        while session.outbox.size > 0 and not self._is_left() and time.monotonic() < until:
            self._flush_aside()
            with session.lock:
                session.outbox.wait_below(0, min(LOOK, max(0.0, until - time.monotonic())))

    def _wait_for_handlers(self, until: float) -> None:
        session = self._session
        while session.incoming and not self._is_left() and time.monotonic() < until:
            self._flush_aside()
            with session.lock:
                if session.incoming:
                    session.settled.wait(min(LOOK, max(0.0, until - time.monotonic())))

    def _flush_aside(self) -> None:
        if self._session.outbox.has_more:
            try:
                self._crew.submit(self._session.flush)
            except RuntimeError:
                self._session.flush()

    def _is_left(self) -> bool:
        """Nobody waits for anything any more."""
        return self._family.is_orphan or self._session.outbox.failure is not None or self._stdio.is_unread()

    def _finish(self) -> None:
        if self._how in ("unread", "eof") and self._is_left():
            self._family.wait_for_adoption()
        self._family.sweep_if_orphan()
        self._crew.stop()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass
        code = 1 if self._how == "broken" else 0
        if code != 0 or self._crew.is_busy or self._loop is not None or self._family.is_orphan:
            # A handler that computes on, or waits for ever, must not keep the process.
            os._exit(code)
