"""The way in: each message to whom it belongs, in the order of arrival. Nothing here waits for a handler."""

from typing import Any, Callable, Dict, List, Optional

from .. import dialect
from ..errors import (
    BUSY,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    ChannelError,
    DecodeError,
    FrameError,
    RpcError,
)
from ..link.report import report
from ..wire.framing import DECODERS, Oversized
from ..wire.json_codec import place_of_altered
from ..wire.message import (
    INVALID,
    OVERSIZED,
    UNREADABLE,
    Peeked,
    ends_link,
    is_answered,
    problem_of,
)
from .announcements import Announcements
from .answers import Answers
from .batch import Batch
from .call import Call, no_stream
from .controls import Controls
from .service import Service
from .session import Session


class Reader:
    """Used by one thread at a time: the one that reads."""

    def __init__(self, session: Session, service: Service, framing: str, read: Callable[[], bytes]) -> None:
        self._session = session
        self._codec = session.codec
        self._crew = session.crew
        self._service = service
        self._read = read
        self._decoder = DECODERS[framing](session.limits.message_bytes)
        self._announcements = Announcements()
        self._controls = Controls(session, self._announcements)
        self._answers = Answers(session)
        self._todo: List[Callable[[], None]] = []
        """The rest of a batch, in reverse."""
        self.is_over = False

    def run(self, generation: int) -> None:
        """Reads until the input ends, or another generation reads."""
        try:
            while self._drain(generation):
                chunk = self._read()
                if chunk:
                    self._decoder.push(chunk)
                elif not self._service.serves or not self._decoder.end():
                    self._end(None)
                    return
        except FrameError as error:
            self._end(ChannelError("FRAME_MALFORMED", f"The boundary between messages is lost: {error}"))
        except OSError as error:
            self._end(ChannelError("CHANNEL_CLOSED", f"The input can't be read: {error}"))

    def _end(self, reason: Optional[Exception]) -> None:
        self._session.flush()
        if reason is None and self._decoder.finish() and not self.is_over:
            report("the input ended inside of a message, which is dropped")
        if not self.is_over:
            self.is_over = True
            self._service.ended(reason)

    def _drain(self, generation: int) -> bool:
        """Handles all frames that have come, then has the answers written. False when another thread reads now."""
        crew, decoder, session = self._crew, self._decoder, self._session
        while not self.is_over:
            if self._todo:
                self._todo.pop()()
            else:
                found = decoder.next()
                if found is None:
                    break
                if type(found) is bytes:
                    self._frame(found)
                elif isinstance(found, Oversized):
                    self._oversized(found.head)
            if crew.generation != generation:
                return False
        if session.outbox.has_more:
            crew.away(session.flush, generation)
            if crew.generation != generation:
                return False
        if session.outbox.size > 2 * session.outbox.limit:
            self._pause()
        return not self.is_over

    def _pause(self) -> None:
        """Nothing is read while the other side does not read."""
        outbox = self._session.outbox
        with self._session.lock:
            while not self.is_over and outbox.failure is None and not outbox.wait_below(outbox.limit, 0.1):
                pass

    def _frame(self, frame: bytes) -> None:
        try:
            message = self._codec.decode(frame)
        except DecodeError as error:
            told = self._codec.peek(frame)
            self._misfit(UNREADABLE, told, None, PARSE_ERROR, f"Parse error: {error}")
            if not told.is_answer:
                self._service.noise(len(frame))
            return
        kind = type(message)
        if kind is dict:
            self._message(message, frame, None, None, self._codec.altered)
        elif kind is list:
            self._batch(message, frame)
        else:
            self._invalid(None, None, False, "a message must be an object or an array of them")

    def _oversized(self, head: bytes) -> None:
        limit = self._session.limits.message_bytes
        words = f"Invalid request: the message is longer than {limit} bytes"
        data = {"limit": "messageBytes", "value": limit}
        self._misfit(OVERSIZED, self._codec.peek(head), None, INVALID_REQUEST, words, data)

    def _batch(self, messages: List[Any], frame: bytes) -> None:
        session, limit = self._session, self._session.limits.batch
        if not messages:
            return self._invalid(None, None, False, "an empty batch")
        if len(messages) > limit and not all(map(_looks_like_answer, messages)):
            # What the answers in it answer was asked for, and would wait for ever.
            for at, message in enumerate(messages):
                if _looks_like_answer(message):
                    self._message(message, frame, at, None, self._codec.altered)
            if self._service.serves:
                words = f"Invalid request: a batch of more than {limit} messages: send several"
                session.refuse(None, None, INVALID_REQUEST, words, {"limit": "batchMessages", "value": limit})
            return None
        altered = self._codec.altered
        # Before any is handled, so that what is in flight is the same for each.
        answered = [self._is_answered(message, frame, at) for at, message in enumerate(messages)]
        batch = Batch(sum(answered), session.limits.message_bytes) if any(answered) else None

        def later(at: int, message: Any) -> Callable[[], None]:
            torn = not answered[at]
            return lambda: self._of_batch(message, frame, at, batch, altered, torn)

        self._todo = [later(at, message) for at, message in enumerate(messages)][::-1]
        return None

    def _is_answered(self, message: Any, frame: bytes, at: int) -> bool:
        """Whether this message of a batch gets an answer."""
        if type(message) is not dict:
            return self._service.serves
        if "method" in message:
            return "id" in message or (problem_of(message, False) is not None and self._service.serves)
        if "result" in message or "error" in message:
            return False
        key = self._key_of(message, frame, at)
        return not self._is_awaited(message, key) and (key is not None or self._service.serves)

    def _of_batch(
        self, message: Any, frame: bytes, at: int, batch: Optional[Batch], altered: bool, torn: bool
    ) -> None:
        if type(message) is not dict:
            self._invalid(None, batch, False, "a message must be an object")
        else:
            self._message(message, frame, at, batch, altered, torn)

    def _key_of(self, message: Dict[str, Any], frame: bytes, at: Optional[int]) -> Optional[bytes]:
        return self._codec.id_key(message["id"], frame, at) if "id" in message else None

    def _is_awaited(self, message: Dict[str, Any], key: Optional[bytes]) -> bool:
        """An id and nothing else is the answer to a request of ours, if there is one."""
        return key is not None and message.get("jsonrpc") == "2.0" and self._session.outgoing.get(key) is not None

    def _message(
        self,
        message: Dict[str, Any],
        frame: bytes,
        at: Optional[int],
        batch: Optional[Batch],
        altered: bool,
        torn: bool = True,
    ) -> None:
        key = self._codec.id_key(message["id"], frame, at) if "id" in message else None
        if "method" not in message:
            if "result" in message or "error" in message:
                self._answers.receive(message, key, altered)
            elif torn and self._is_awaited(message, key):
                self._invalid(key, batch, True, "an answer without a result")
            else:
                problem = problem_of(message, "id" in message and key is None)
                self._invalid(key, batch, False, problem or "method is missing")
            return
        problem = problem_of(message, "id" in message and key is None)
        if problem is not None:
            self._invalid(key, batch, False, problem)
        elif key is None:
            self._notification(message, frame, at, altered)
        else:
            self._request(key, message, batch, len(frame), altered)

    # Requests.

    def _request(
        self, key: bytes, message: Dict[str, Any], batch: Optional[Batch], size: int, altered: bool
    ) -> None:
        session, service = self._session, self._service
        name: str = message["method"]
        said = self._announcements.take(key)
        method = service.find(name)
        if method is None:
            return self._unserved(key, name, batch)
        if key in session.incoming:
            return session.refuse(key, batch, INVALID_REQUEST, "Invalid request: a request with this id is in flight")
        if session.outbox.size > session.outbox.limit:
            data = {"limit": "outboxBytes", "value": session.outbox.limit}
            return session.refuse(key, batch, BUSY, "Busy: too many bytes wait to be read", data)
        if len(session.incoming) >= session.limits.in_flight:
            data = {"limit": "inFlight", "value": session.limits.in_flight}
            return session.refuse(key, batch, BUSY, "Busy: too many requests are running", data)
        if method.is_stream and said.credit == 0:
            error = no_stream(name)
            return session.refuse(key, batch, error.code, error.message)
        params = message.get("params")
        if altered:
            place = place_of_altered(params, "params")
            if place is not None:
                words = f"Invalid params: {place[0]} would arrive altered: {place[1]:.60}"
                return session.refuse(key, batch, INVALID_PARAMS, words)
        try:
            arguments = service.bind(method, params)
        except RpcError as error:
            return session.refuse(key, batch, error.code, error.message, error.data)
        call = Call(session, key, name, batch, said)
        with session.lock:
            session.incoming[key] = call
        if not service.start(method, arguments, call, size):
            data = {"limit": "queued", "value": session.limits.queued}
            session.fail(call, RpcError(BUSY, "Busy: too many requests wait for a thread", data))
        return None

    def _unserved(self, key: bytes, name: str, batch: Optional[Batch]) -> None:
        """A request for a method that nobody added: one of the protocol's own, or none."""
        session = self._session
        is_goodbye = name == dialect.SHUTDOWN and self._service.serves
        if name not in (dialect.PING, dialect.DISCOVER) and not is_goodbye:
            session.refuse(key, batch, METHOD_NOT_FOUND, f"Method not found: {name}")
        elif key in session.incoming:
            session.refuse(key, batch, INVALID_REQUEST, "Invalid request: a request with this id is in flight")
        else:
            session.reply(key, batch, {"methods": self._service.list()} if name == dialect.DISCOVER else None)
            if is_goodbye:
                self._shut_down()

    def _shut_down(self) -> None:
        self.is_over = True
        self._service.shutdown()

    # What is not quite a message.

    def _invalid(self, key: Optional[bytes], batch: Optional[Batch], is_answer: bool, problem: str) -> None:
        self._misfit(INVALID, Peeked(key, is_answer), batch, INVALID_REQUEST, f"Invalid request: {problem}")

    def _misfit(
        self, kind: str, told: Peeked, batch: Optional[Batch], code: int, words: str, data: Any = None
    ) -> None:
        has_id, serves = told.key is not None, self._service.serves
        if is_answered(kind, has_id, told.is_answer, serves):
            self._session.refuse(told.key, batch, code, words, data)
        elif ends_link(kind, has_id, told.is_answer, serves):
            self._end(ChannelError("MESSAGE_TOO_LARGE", f"{words}, and it can't be told whose it is"))
        elif told.is_answer and told.key is not None:
            code_of = "MESSAGE_TOO_LARGE" if kind == OVERSIZED else "MESSAGE_MALFORMED"
            self._answers.fail(told.key, code_of, words)

    # Notifications.

    def _notification(self, message: Dict[str, Any], frame: bytes, at: Optional[int], altered: bool) -> None:
        name: str = message["method"]
        params = message.get("params")
        if altered:
            place = place_of_altered(params, "params")
            if place is not None and name != dialect.CANCEL:
                report(f"the notification {name} is dropped: {place[0]} would arrive altered: {place[1]:.60}")
                if name == dialect.INPUT_ITEMS:
                    self._controls.refuse_input(self._controls.id_in(params, frame, at), f"{place[0]} would arrive altered")
                return
        if self._controls.receive(name, params, frame, at):
            return
        if name == dialect.SHUTDOWN and self._service.serves:
            self._shut_down()
        elif not name.startswith("$/"):
            self._service.hear(name, params, len(frame))


def _looks_like_answer(message: Any) -> bool:
    return type(message) is dict and "method" not in message and ("result" in message or "error" in message)
