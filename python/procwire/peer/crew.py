"""The threads of one side of a link.

One thread reads, and runs handlers itself, since handing each request to another thread would cost more than the rest
of it. A second one, the watch, looks every few milliseconds whether the reader is stuck in a handler (or in a write
that nobody reads); if so, another thread goes on reading, and the first finishes what it does. So a cancel and a ping
are heard while every handler computes.
"""

import threading
import time
from collections import deque
from queue import SimpleQueue
from typing import Callable, Deque, Optional, Tuple

from ..errors import words_of
from ..link.report import report

Job = Callable[[], None]

PATIENCE = 0.002
"""Seconds after which a reader that runs a handler is replaced: once or twice that."""
QUIET_ROUNDS = 50
IDLE_LOOK = 0.2


class Crew:
    def __init__(self, name: str, most: int, may_queue: int, queue_bytes: int) -> None:
        self.lock = threading.Lock()
        self.read: Callable[[int], None] = lambda generation: None
        """Reads until its input ends or another generation reads."""
        self.on_look: Callable[[float], bool] = lambda now: False
        """Called by the watch; returns whether it must look again soon."""
        self.generation = 0
        self._name = name
        self._most = most
        self._may_queue = may_queue
        self._queue_bytes = queue_bytes
        self._reader: Optional[int] = None
        self._is_away = False
        self._tick = 0
        self._running = 0
        self._backlog: Deque[Tuple[Job, int]] = deque()
        self._backlog_bytes = 0
        self._jobs: SimpleQueue[Optional[Job]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._wake = threading.Event()
        self._is_parked = False
        self.is_over = False

    def start(self) -> None:
        self._thread(self._watch, f"{self._name}-watch")
        self.submit(self._read)

    def stop(self) -> None:
        """Threads that wait for work end; those that work end after it."""
        self.is_over = True
        self._wake.set()
        for _ in range(self._most + 2):
            self._jobs.put(None)

    @staticmethod
    def _thread(main: Job, name: str) -> None:
        threading.Thread(target=main, name=name, daemon=True).start()

    def submit(self, job: Job) -> None:
        """Runs a job on a thread that has none, or on a new one. Raises RuntimeError when the system refuses it."""
        if not self._idle.acquire(blocking=False):
            self._thread(self._work, self._name)
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            try:
                job()
            except BaseException as error:
                report(f"a thread of procwire failed: {type(error).__name__}: {words_of(error)}")
            self._idle.release()

    def _read(self) -> None:
        with self.lock:
            self._reader = threading.get_ident()
            generation = self.generation
        self.read(generation)

    # The reader.

    def run(self, job: Job, size: int) -> bool:
        """Runs a handler here and now, or, if as many as may are running, later. False when too many wait."""
        with self.lock:
            if self._running >= self._most or self._backlog:
                waits = len(self._backlog) < self._may_queue and self._backlog_bytes + size <= self._queue_bytes
                if waits:
                    self._backlog.append((job, size))
                    self._backlog_bytes += size
                return waits
            self._running += 1
            generation = self.generation
            self._is_away = True
            self._tick += 1
        if self._is_parked:
            self._wake.set()
        job()
        with self.lock:
            if self.generation == generation:
                self._is_away = False
                self._running -= 1
                return True
        self._finish()
        return True

    @property
    def is_busy(self) -> bool:
        """Whether a handler runs."""
        return self._running > 0

    def is_reader(self) -> bool:
        return self._reader == threading.get_ident()

    def away(self, job: Job, generation: int) -> None:
        """Does something of the reader's own that may take long: another thread then goes on reading."""
        with self.lock:
            self._is_away = True
            self._tick += 1
        if self._is_parked:
            self._wake.set()
        job()
        with self.lock:
            if self.generation == generation:
                self._is_away = False

    def _finish(self) -> None:
        """A thread that does not read any more takes what waits."""
        while True:
            with self.lock:
                if not self._backlog:
                    self._running -= 1
                    return
                job, size = self._backlog.popleft()
                self._backlog_bytes -= size
            job()

    def hand_over(self) -> None:
        """A handler is about to wait for the other side: if it runs on the reader, another thread reads from now on."""
        if self._reader == threading.get_ident():
            with self.lock:
                if self._is_away and self._reader == threading.get_ident():
                    self._replace_reader()

    def _replace_reader(self) -> None:
        self.generation += 1
        self._is_away = False
        self._reader = None
        try:
            self.submit(self._read)
        except RuntimeError:  # no thread to be had: the reader goes on when its handler is done
            self.generation -= 1
            self._is_away = True
            self._reader = threading.get_ident()

    # The watch.

    def _watch(self) -> None:
        last, quiet = -1, 0
        while not self.is_over:
            if quiet < QUIET_ROUNDS:
                time.sleep(PATIENCE)
            elif not self._park():
                self.on_look(time.monotonic())
                continue
            else:
                quiet = 0
            with self.lock:
                if self._is_away and self._tick == last:
                    self._replace_reader()
                quiet = quiet + 1 if self._tick == last and not self._is_away else 0
                last = self._tick
            if self.on_look(time.monotonic()):
                quiet = 0

    def _park(self) -> bool:
        """Sleeps until something runs; false after a while in which nothing did."""
        self._wake.clear()
        self._is_parked = True
        woken = self._is_away or self._wake.wait(IDLE_LOOK)
        self._is_parked = False
        return woken
