"""A request of the other side, from its arrival to its one answer: streamed items, progress, inputs.

The session's lock is held for moments only. What is said under it is in the outbox before it is given back, so that it
keeps its order and nothing follows the answer.
"""

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Deque, List, Optional, Tuple

from .. import dialect
from ..errors import INVALID_REQUEST, Cancelled, EncodeError, RpcError
from .announcements import NOTHING, Announced
from .batch import Batch

if TYPE_CHECKING:
    from .session import Session

PROGRESS_PAUSE = 0.05
ITEMS_PAUSE = 0.001
MOST_ITEMS = 512
ITEMS_BYTES = 64 * 1024
FULL_LOOK = 0.02


class Call:
    # Few calls have any of this: it costs nothing to those that don't.
    is_done = False
    """The answer is decided; nothing more may be said."""
    credit = 0
    wants_stream = False
    input: "Optional[Input]" = None
    deadline: Optional[float] = None
    on_cancel: Optional[Callable[[], None]] = None
    on_change: Optional[Callable[[], None]] = None
    _changed: Optional[threading.Condition] = None
    _items_bytes = 0
    _items_sent = 0.0
    _progress: Optional[bytes] = None
    _progress_sent = 0.0

    def __init__(self, session: "Session", key: bytes, method: str, batch: Optional[Batch], said: Announced) -> None:
        self.session = session
        self.key = key
        self.method = method
        self.batch = batch
        self._items: List[bytes] = []
        if said is not NOTHING:
            self.credit = said.credit
            self.wants_stream = said.credit > 0
            if said.has_input:
                self.input = Input(said.input_ended)

    def wake(self) -> None:
        """Something that a handler may wait for has changed. Under the lock."""
        if self._changed is not None:
            self._changed.notify_all()
        if self.on_change is not None:
            self.on_change()

    def wait(self, timeout: Optional[float] = None) -> None:
        """Waits for a change, on a handler's thread. Under the lock, and after `crew.hand_over`."""
        if self._changed is None:
            self._changed = threading.Condition(self.session.lock)
        self._changed.wait(timeout)

    def take_last_words(self) -> Optional[bytes]:
        """What must leave before the answer. Under the lock."""
        items, progress = self._take_items(), self._progress
        self._progress = None
        return items if progress is None else progress if items is None else progress + items

    def clear(self) -> None:
        """Nothing is said any more. Under the lock."""
        self._items = []
        self._progress = None
        if self.input is not None:
            self.input.clear()
        self.wake()

    def check(self) -> None:
        if self.is_done:
            raise Cancelled()

    # Progress.

    def progress(self, value: Any) -> None:
        session = self.session
        frame = session.notification(
            dialect.PROGRESS, session.codec.members((("token", self.key), ("value", session.codec.encode(value))))
        )
        with session.lock:
            self.check()
            now = time.monotonic()
            if now - self._progress_sent < PROGRESS_PAUSE:
                self._progress = frame  # the latest one leaves later, or before the answer
                session.late.add(self)
                return
            self._progress_sent, self._progress = now, None
            session.outbox.put(frame)
        session.flush()

    # Items.

    def add_item(self, piece: bytes) -> bool:
        """Takes an item that there is credit for; false when there is none yet."""
        session = self.session
        with session.lock:
            self.check()
            has_room = session.outbox.size <= session.outbox.limit
            if self.credit > 0 and has_room:
                self.credit -= 1
                self._items.append(piece)
                self._items_bytes += len(piece)
                now = time.monotonic()
                if now - self._items_sent < ITEMS_PAUSE and not self._is_full():
                    session.late.add(self)
                    return True
            taken = self.credit >= 0 and has_room and bool(self._items) and self._items[-1] is piece
            frame = self._take_items()
            if frame is not None:
                session.outbox.put(frame)
        session.flush()
        return taken

    def _is_full(self) -> bool:
        return len(self._items) >= MOST_ITEMS or self._items_bytes >= ITEMS_BYTES

    def encode_item(self, item: Any) -> bytes:
        if not self.wants_stream:
            raise no_stream(self.method)
        try:
            piece = self.session.codec.encode(item)
        except EncodeError as error:
            raise EncodeError(f"an item of the stream: {error}") from None
        if len(piece) + len(self.key) + 128 > self.session.limits.message_bytes:
            raise EncodeError(f"an item of the stream has {len(piece)} bytes, more than a message may have")
        return piece

    def send_item(self, item: Any) -> None:
        """Sends an item of the stream; waits while the caller takes no more."""
        piece = self.encode_item(item)
        while not self.add_item(piece):
            self.session.crew.hand_over()
            with self.session.lock:
                if not self.is_done and not self.can_send():
                    self.wait(None if self.credit <= 0 else FULL_LOOK)

    def can_send(self) -> bool:
        """Under the lock."""
        return self.credit > 0 and self.session.outbox.size <= self.session.outbox.limit

    def _take_items(self) -> Optional[bytes]:
        if not self._items:
            return None
        self._items_sent = time.monotonic()
        codec = self.session.codec
        items, self._items, self._items_bytes = self._items, [], 0
        params = codec.members((("id", self.key), ("items", codec.array(items))))
        return self.session.notification(dialect.STREAM_ITEMS, params)

    def late(self, now: float) -> Optional[bytes]:
        """What has waited long enough to leave with others. Under the lock."""
        items = self._take_items() if now - self._items_sent >= ITEMS_PAUSE else None
        if self._progress is None or now - self._progress_sent < PROGRESS_PAUSE:
            return items
        progress, self._progress, self._progress_sent = self._progress, None, now
        return progress + (items or b"")

    @property
    def is_late(self) -> bool:
        return not self.is_done and (bool(self._items) or self._progress is not None)


def no_stream(method: str) -> RpcError:
    return RpcError(INVALID_REQUEST, f"Invalid request: {method} answers with a stream; ask for one by $/stream/pull")


class Input:
    """The items that come along with one request. Everything is used under the session's lock."""

    MOST = 1024
    GROWTH = 32
    SHARE = 16

    def __init__(self, has_ended: bool) -> None:
        self.has_ended = has_ended
        self.items: Deque[Tuple[Any, int]] = deque()
        self._granted = 0
        self._bytes = 0
        self._largest = 1
        self._window = 1

    def push(self, items: List[Any], size: int, limit: int) -> Optional[str]:
        """What is wrong about them, if anything."""
        if self.has_ended or len(items) > self._granted:
            return "more inputs came than were asked for"
        if self.items and self._bytes + size > limit:
            return f"more than {limit} bytes of inputs wait"
        if items:
            each = size // len(items) + 1
            self.items.extend([(item, each) for item in items])
            self._granted -= len(items)
            self._bytes += each * len(items)
            self._largest = max(self._largest, each)
            self._window = min(self._window * self.GROWTH, self.MOST)
        return None

    def take(self) -> Any:
        item, size = self.items.popleft()
        self._bytes -= size
        return item

    def ask(self, limit: int) -> int:
        """How many more to ask for; 0 for not yet."""
        window = max(1, min(self._window, limit // self.SHARE // self._largest))
        wanted = window - self._granted - len(self.items)
        if self.has_ended or wanted * 2 < window:
            return 0
        self._granted += wanted
        return wanted

    def clear(self) -> None:
        self.items.clear()
        self._bytes = 0
