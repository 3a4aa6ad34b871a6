"""Requests of this side, from the call to the one outcome of each."""

import threading
from typing import Any, Callable, Dict, List, Optional


class Pending:
    """A request that waits for its answer. Used under the session's lock."""

    __slots__ = ("key", "method", "is_done", "result", "error", "wake", "stream", "on_progress", "input")

    def __init__(self, key: bytes, method: str, wake: Callable[[], None]) -> None:
        self.key = key
        self.method = method
        self.is_done = False
        self.result: Any = None
        self.error: Optional[Exception] = None
        self.wake = wake
        self.stream: Optional[Any] = None
        """Gets the items: `push(items, size)`."""
        self.on_progress: Optional[Callable[[Any], None]] = None
        self.input: Optional[Any] = None
        """Sends inputs: `grant(count)`."""

    def settle(self, result: Any, error: Optional[Exception]) -> None:
        self.is_done = True
        self.result = result
        self.error = error
        self.wake()


class Outgoing:
    """The requests in flight. Everything is called under `lock`."""

    def __init__(self, lock: threading.Lock, most: int) -> None:
        self._lock = lock
        self._most = most
        self._next = 1
        self._pending: Dict[bytes, Pending] = {}
        self.failure: Optional[Exception] = None

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def is_full(self) -> bool:
        return len(self._pending) >= self._most

    def next_id(self) -> int:
        number = self._next
        self._next += 1
        return number

    def add(self, pending: Pending) -> None:
        self._pending[pending.key] = pending

    def get(self, key: bytes) -> Optional[Pending]:
        return self._pending.get(key)

    def take(self, key: bytes) -> Optional[Pending]:
        return self._pending.pop(key, None)

    def drop_all(self) -> List[Pending]:
        pending = list(self._pending.values())
        self._pending.clear()
        return pending
