"""What the threads of one link share: the tables of requests in both directions, and the one way out."""

import threading
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from .. import dialect
from ..errors import (
    DEADLINE_EXCEEDED,
    INTERNAL_ERROR,
    REQUEST_CANCELLED,
    ChannelError,
    EncodeError,
    RpcError,
    words_of,
)
from ..limits import Limits
from ..link.outbox import Outbox
from ..wire.codec import Codec
from ..wire.framing import FRAMERS
from .batch import Batch
from .call import Call
from .crew import Crew
from .outgoing import Outgoing, Pending


class Session:
    def __init__(
        self, codec: Codec, framing: str, limits: Limits, crew: Crew, write: Callable[[memoryview], int]
    ) -> None:
        self.codec = codec
        self.frame = FRAMERS[framing]
        self.limits = limits
        self.crew = crew
        self.lock = threading.Lock()
        self.outbox = Outbox(write, self.lock, limits.outbox_bytes)
        self.incoming: Dict[bytes, Call] = {}
        self.settled = threading.Condition(self.lock)
        """Notified when the last open request of the other side is answered, where somebody waits for that."""
        self.is_ending = False
        self.outgoing = Outgoing(self.lock, limits.in_flight)
        self.late: Set[Call] = set()
        """Calls with something to say that waits a moment for company."""
        self.timed: Set[Call] = set()
        self._jsonrpc = codec.encode("2.0")
        self._busy_bytes = 0

    # Messages.

    def notification(self, method: str, params: Optional[bytes]) -> bytes:
        members: Tuple[Tuple[str, bytes], ...] = (("jsonrpc", self._jsonrpc), ("method", self.codec.encode(method)))
        if params is not None:
            members += (("params", params),)
        return self.frame(self.codec.members(members))

    def error_bytes(self, code: int, message: str, data: Any = None) -> bytes:
        body: Dict[str, Any] = {"code": code, "message": message}
        if data is not None:
            body["data"] = data
        return self.codec.encode(body)

    # Answers.

    def refuse(self, key: Optional[bytes], batch: Optional[Batch], code: int, message: str, data: Any = None) -> None:
        """Answers what no handler runs for."""
        key = self.codec.null() if key is None else key
        answer = self.codec.error(key, self.error_bytes(code, message, data))
        with self.lock:
            self._put_answer(answer, key, batch)

    def reply(self, key: bytes, batch: Optional[Batch], result: Any) -> None:
        answer = self.codec.result(key, self.codec.encode(result))
        with self.lock:
            self._put_answer(answer, key, batch)

    def settle(self, call: Call, answer: bytes) -> bool:
        """Gives a request its answer; false if it has one."""
        with self.lock:
            return self._settle(call, answer)

    def _settle(self, call: Call, answer: bytes) -> bool:
        if call.is_done:
            return False
        call.is_done = True
        self.incoming.pop(call.key, None)
        last = call.take_last_words()
        if last is not None:
            self.outbox.put(last)
        self._put_answer(answer, call.key, call.batch)
        self.timed.discard(call)
        if self.is_ending and not self.incoming:
            self.settled.notify_all()
        return True

    def _put_answer(self, answer: bytes, key: bytes, batch: Optional[Batch]) -> None:
        if batch is None:
            self.outbox.put(self.frame(answer))
            return
        if not batch.fits(len(answer), len(key)):
            words = "the answers of this batch are too large together: send the request by itself"
            answer = self.codec.error(key, self.error_bytes(INTERNAL_ERROR, words))
        if batch.add(answer):
            self.outbox.put(self.frame(self.codec.array(batch.answers)))

    def finish(self, call: Call, result: Any) -> None:
        """A handler has returned."""
        if call.is_done:
            return
        try:
            piece = self.codec.encode(result)
            if len(piece) + len(call.key) + 64 > self.limits.message_bytes:
                raise EncodeError(f"the result has {len(piece)} bytes, more than a message may have")
        except EncodeError as error:
            self.fail(call, RpcError(INTERNAL_ERROR, f"The result of {call.method} can't be sent: {error}"))
            return
        except BaseException as error:  # an object whose methods fail while it is encoded
            words = f"The result of {call.method} can't be sent: {words_of(error)}"
            self.fail(call, RpcError(INTERNAL_ERROR, words, {"type": type(error).__name__}))
            return
        self.settle(call, self.codec.result(call.key, piece))

    def fail(self, call: Call, error: RpcError) -> None:
        try:
            piece = self.error_bytes(error.code, error.message, error.data)
            if len(piece) + len(call.key) + 64 > self.limits.message_bytes:
                raise EncodeError("it is longer than a message may be")
        except BaseException as failure:
            words = f"The error of {call.method} can't be sent: {words_of(failure)}"
            piece = self.error_bytes(INTERNAL_ERROR, words)
        self.settle(call, self.codec.error(call.key, piece))

    def cancel(self, call: Call, code: int = REQUEST_CANCELLED, message: str = "Request cancelled") -> None:
        """Answers at once, and tells the handler."""
        answer = self.codec.error(call.key, self.error_bytes(code, message))
        with self.lock:
            if not self._settle(call, answer):
                return
            call.clear()
            on_cancel = call.on_cancel
        if on_cancel is not None:
            on_cancel()

    def cancel_all(self) -> None:
        for call in list(self.incoming.values()):
            self.cancel(call)

    # Time.

    def look(self, now: float) -> bool:
        """Called by the watch: what has waited long enough leaves, and whose time is up is told."""
        if self.late:
            with self.lock:
                for call in list(self.late):
                    frame = None if call.is_done else call.late(now)
                    if frame is not None:
                        self.outbox.put(frame)
                    if not call.is_late:
                        self.late.discard(call)
        if self.timed:
            for call in [call for call in list(self.timed) if call.deadline is not None and call.deadline <= now]:
                self.cancel(call, DEADLINE_EXCEEDED, f"{call.method} took longer than it may")
        if self.outbox.has_more:
            self.crew.submit(self.outbox.flush)
        return bool(self.late or self.timed)

    def flush(self) -> None:
        self.outbox.flush()

    # What this side says.

    def notify(self, method: str, params: Any = None) -> None:
        frame = self.notification(method, None if params is None else self.encode_params(method, params))
        if len(frame) > self.limits.message_bytes:
            raise ChannelError("MESSAGE_TOO_LARGE", f"{method}: the notification is larger than a message may be")
        with self.lock:
            self.outbox.put(frame)
        self.flush()

    def encode_params(self, method: str, params: Any) -> bytes:
        if not isinstance(params, (dict, list, tuple)):
            words = f"{method}: params must be a dict or a list, and this is a {type(params).__name__}"
            raise ChannelError("ENCODE_FAILED", words, method=method, delivery="not-sent")
        try:
            return self.codec.encode(params)
        except EncodeError as error:
            words = f"{method}: the params can't be sent: {error}"
            raise ChannelError("ENCODE_FAILED", words, method=method, delivery="not-sent") from error

    def request(
        self,
        method: str,
        params: Any,
        wake: Callable[[], None],
        prepare: Optional[Callable[[Pending], List[bytes]]] = None,
    ) -> Pending:
        """Sends a request; `wake` is called under the lock when it is settled. `prepare` gives what is said before it."""
        piece = None if params is None else self.encode_params(method, params)
        codec = self.codec
        with self.lock:
            if self.outgoing.failure is not None:
                raise _told(self.outgoing.failure, method, "not-sent")
            if self.outgoing.is_full or self.outbox.size > self.outbox.limit:
                raise ChannelError(
                    "OVERLOADED",
                    f"{method}: too much is on its way already; nothing was sent",
                    method=method,
                    delivery="not-sent",
                )
            key = codec.encode(self.outgoing.next_id())
            members = [("jsonrpc", self._jsonrpc), ("id", key), ("method", codec.encode(method))]
            if piece is not None:
                members.append(("params", piece))
            payload = codec.members(tuple(members))
            if len(payload) > self.limits.message_bytes:
                words = f"{method}: the request has {len(payload)} bytes, more than a message may have"
                raise ChannelError("MESSAGE_TOO_LARGE", words, method=method, delivery="not-sent")
            pending = Pending(key, method, wake)
            for frame in prepare(pending) if prepare is not None else ():
                self.outbox.put(frame)
            self.outgoing.add(pending)
            self.outbox.put(self.frame(payload))
        self.flush()
        return pending

    def give_up(self, pending: Pending, error: Exception) -> bool:
        """Settles a request of ours that nobody waits for any more, and tells the other side."""
        with self.lock:
            if pending.is_done:
                return False
            self.outgoing.take(pending.key)
            self.outbox.put(self.notification(dialect.CANCEL, self.codec.members((("id", pending.key),))))
            pending.settle(None, error)
        self.flush()
        return True

    def end_outgoing(self, reason: Exception) -> None:
        """No answer comes any more."""
        with self.lock:
            if self.outgoing.failure is None:
                self.outgoing.failure = reason
            for pending in self.outgoing.drop_all():
                pending.settle(None, _told(reason, pending.method, "unknown"))


def _told(reason: Exception, method: str, delivery: str) -> Exception:
    return reason.of(method, delivery) if isinstance(reason, ChannelError) else reason
