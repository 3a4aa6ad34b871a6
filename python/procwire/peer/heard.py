"""Notifications that wait for their handlers."""

from collections import deque
from typing import Callable, Deque, Tuple

from .session import Session

Job = Callable[[], None]


class Heard:
    """They are handled one after the other, in order. Bounded in number and in bytes: the oldest go first."""

    def __init__(self, session: Session, run: Callable[[Job], bool]) -> None:
        """`run` has a job done, and says whether it will be."""
        self._lock = session.lock
        self._most = session.limits.queued_notifications
        self._most_bytes = session.limits.input_bytes
        self._run = run
        self._waiting: Deque[Tuple[Job, int]] = deque()
        self._bytes = 0
        self._is_hearing = False
        self.dropped = 0

    def push(self, job: Job, size: int) -> None:
        """`job` never raises; `size` is that of the frame it came in."""
        with self._lock:
            while self._waiting and (len(self._waiting) >= self._most or self._bytes + size > self._most_bytes):
                self._bytes -= self._waiting.popleft()[1]
                self.dropped += 1
            self._waiting.append((job, size))
            self._bytes += size
            begins = not self._is_hearing
            self._is_hearing = True
        if begins and not self._run(self._hear_all):
            self._is_hearing = False

    def _hear_all(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_hearing = False
                    return
                job, size = self._waiting.popleft()
                self._bytes -= size
            job()
