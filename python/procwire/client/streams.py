"""Items of a streamed answer, on the side that reads them."""

from collections import deque
from typing import TYPE_CHECKING, Any, Deque, List, Optional, Tuple

from .. import dialect
from ..errors import ChannelError

if TYPE_CHECKING:
    from ..peer.outgoing import Pending
    from ..peer.session import Session

FIRST = 4


class Items:
    """What has come and waits to be read. Used under the session's lock. Credit starts small, since nobody knows how
    large the items are, and grows while they prove small."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._pending: Optional["Pending"] = None
        self._waiting: Deque[Tuple[Any, int]] = deque()
        self._bytes = 0
        self._granted = FIRST
        self._window = FIRST
        self.failure: Optional[ChannelError] = None

    def open(self, pending: "Pending") -> List[bytes]:
        """What is said before the request."""
        self._pending = pending
        return [self._pull(FIRST)]

    def _pull(self, count: int) -> bytes:
        assert self._pending is not None
        codec = self._session.codec
        params = codec.members((("id", self._pending.key), ("count", codec.encode(count))))
        return self._session.notification(dialect.STREAM_PULL, params)

    def push(self, items: List[Any], size: int) -> None:
        assert self._pending is not None
        method = self._pending.method
        if len(items) > self._granted:
            self.failure = ChannelError("MESSAGE_MALFORMED", f"{method}: more items came than were asked for", method=method)
        elif self._waiting and self._bytes + size > self._session.limits.input_bytes:
            self.failure = ChannelError("OVERLOADED", f"{method}: too many bytes of items wait to be read", method=method)
        else:
            self._granted -= len(items)
            each = size // max(1, len(items)) + 1
            self._waiting.extend([(item, each) for item in items])
            self._bytes += each * len(items)
            fits = max(2, 4 * 1024 * 1024 // each)
            self._window = min(self._window * 4, fits, self._session.limits.stream_window)
        self._pending.wake()

    @property
    def has_some(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Any:
        item, size = self._waiting.popleft()
        self._bytes -= size
        return item

    def ask(self) -> Optional[bytes]:
        """More credit, once half of it is used."""
        assert self._pending is not None
        wanted = self._window - self._granted - len(self._waiting)
        if self._pending.is_done or wanted * 2 < self._window:
            return None
        self._granted += wanted
        return self._pull(wanted)
