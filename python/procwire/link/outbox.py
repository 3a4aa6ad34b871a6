"""The way out. Whoever has something to say puts it here; one thread at a time writes, and the others go on."""

import threading
from typing import Callable, List, Optional

LARGE = 64 * 1024


class Outbox:
    """`write` takes some bytes and tells how many. Everything but `flush` is called under `lock`."""

    def __init__(self, write: Callable[[memoryview], int], lock: threading.Lock, limit: int) -> None:
        self._write = write
        self._lock = lock
        self._changed = threading.Condition(lock)
        self._parts: List[bytes] = []
        self._is_writing = False
        self.limit = limit
        self.size = 0
        """Bytes that nobody has taken yet."""
        self.failure: Optional[OSError] = None
        self.on_failure: Callable[[], None] = lambda: None

    def put(self, frame: bytes) -> None:
        if self.failure is None:
            self._parts.append(frame)
            self.size += len(frame)

    @property
    def has_more(self) -> bool:
        return bool(self._parts) and not self._is_writing

    def flush(self) -> None:
        """Writes what there is, unless another thread is at it, which then writes this as well."""
        lock = self._lock
        with lock:
            if self._is_writing or not self._parts:
                return
            self._is_writing = True
        while True:
            with lock:
                parts, self._parts = self._parts, []
                if not parts:
                    self._is_writing = False
                    self._changed.notify_all()
                    return
            data = parts[0] if len(parts) == 1 else b"".join(parts)
            try:
                self._write_all(data)
            except OSError as error:
                self._fail(error)
            with lock:
                self.size -= len(data)
                self._changed.notify_all()

    def _write_all(self, data: bytes) -> None:
        written = self._write(memoryview(data))
        while written < len(data):
            written += self._write(memoryview(data)[written : written + 1024 * 1024])

    def _fail(self, error: OSError) -> None:
        with self._lock:
            is_first = self.failure is None
            self.failure = self.failure or error
            self.size -= sum(map(len, self._parts))
            self._parts = []
        if is_first:
            self.on_failure()

    def wait_below(self, size: int, timeout: float) -> bool:
        """Waits until at most so many bytes wait; false when the time is up first."""
        return self._changed.wait_for(lambda: self.size <= size, timeout)
