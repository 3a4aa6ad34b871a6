"""The protocol's own notifications, which are about one request each."""

from typing import Any, Callable, Dict, Optional

from .. import dialect
from ..errors import INVALID_REQUEST
from .announcements import Announcements
from .session import Session


class Controls:
    def __init__(self, session: Session, announcements: Announcements) -> None:
        self._session = session
        self._codec = session.codec
        self._announcements = announcements

    def receive(self, name: str, params: Any, frame: bytes, at: Optional[int]) -> bool:
        """False when it is none of them."""
        control = _RECEIVE.get(name)
        if control is None:
            return False
        control(self, params, frame, at)
        return True

    def id_in(self, params: Any, frame: bytes, at: Optional[int], name: str = "id") -> Optional[bytes]:
        value = _member(params, name, 0)
        if value is _MISSING:
            return None
        if type(value) is int and value != 0:
            return b"%d" % value if self._codec.name == "json" else self._codec.id_key(value)
        if self._codec.name == "json" and not isinstance(value, str) and value is not None:
            return self._codec.cancelled_key(frame, at)
        return self._codec.id_key(value)

    def _cancel(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key = self.id_in(params, frame, at)
        if key is None:
            return
        self._announcements.take(key)
        call = self._session.incoming.get(key)
        if call is not None:
            self._session.cancel(call)

    def _stream_pull(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key, count = self.id_in(params, frame, at), _member(params, "count", 1)
        if key is None or type(count) is not int or count < 0:
            return
        call = self._session.incoming.get(key)
        if call is None:
            self._announcements.note(key).credit += count
            return
        with self._session.lock:
            call.credit += count
            call.wake()

    def _input_open(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key = self.id_in(params, frame, at)
        if key is not None and key not in self._session.incoming:
            self._announcements.note(key).has_input = True

    def _input_items(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key, items = self.id_in(params, frame, at), _member(params, "items", 1)
        call = None if key is None else self._session.incoming.get(key)
        if call is None or call.input is None or type(items) is not list:
            return
        with self._session.lock:
            problem = call.input.push(items, len(frame), self._session.limits.input_bytes)
            call.wake()
        if problem is not None:
            self.refuse_input(key, problem)

    def refuse_input(self, key: Optional[bytes], problem: str) -> None:
        call = None if key is None else self._session.incoming.get(key)
        if call is not None:
            self._session.cancel(call, INVALID_REQUEST, f"Invalid request: {problem}")

    def _input_end(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key = self.id_in(params, frame, at)
        if key is None:
            return
        call = self._session.incoming.get(key)
        if call is None:
            self._announcements.amend_ended(key)
        elif call.input is not None:
            with self._session.lock:
                call.input.has_ended = True
                call.wake()

    # For requests of this side.

    def _stream_items(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key, items = self.id_in(params, frame, at), _member(params, "items", 1)
        with self._session.lock:
            pending = None if key is None else self._session.outgoing.get(key)
            if pending is not None and pending.stream is not None and type(items) is list:
                pending.stream.push(items, len(frame))

    def _progress(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key, value = self.id_in(params, frame, at, "token"), _member(params, "value", 1)
        pending = None if key is None else self._session.outgoing.get(key)
        if pending is not None and pending.on_progress is not None and value is not _MISSING:
            pending.on_progress(value)

    def _input_pull(self, params: Any, frame: bytes, at: Optional[int]) -> None:
        key, count = self.id_in(params, frame, at), _member(params, "count", 1)
        with self._session.lock:
            pending = None if key is None else self._session.outgoing.get(key)
            if pending is not None and pending.input is not None and type(count) is int and count > 0:
                pending.input.grant(count)


_RECEIVE: Dict[str, Callable[[Controls, Any, bytes, Optional[int]], None]] = {
    dialect.CANCEL: Controls._cancel,
    dialect.STREAM_PULL: Controls._stream_pull,
    dialect.STREAM_ITEMS: Controls._stream_items,
    dialect.INPUT_OPEN: Controls._input_open,
    dialect.INPUT_PULL: Controls._input_pull,
    dialect.INPUT_ITEMS: Controls._input_items,
    dialect.INPUT_END: Controls._input_end,
    dialect.PROGRESS: Controls._progress,
}
_MISSING = object()


def _member(params: Any, name: str, position: int) -> Any:
    """One member of a control notification."""
    if type(params) is dict:
        return params.get(name, _MISSING)
    return params[position] if type(params) is list and len(params) > position else _MISSING
