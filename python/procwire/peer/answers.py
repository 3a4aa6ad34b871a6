"""Answers of the other side, to the requests of this one."""

from typing import Any, Dict, Optional

from ..errors import ChannelError, RpcError
from ..wire.json_codec import place_of_altered
from ..wire.message import problem_of_response
from .session import Session


class Answers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def receive(self, message: Dict[str, Any], key: Optional[bytes], altered: bool) -> None:
        problem = problem_of_response(message, key is not None)
        if key is None:
            return
        if problem is not None:
            return self.fail(key, "MESSAGE_MALFORMED", f"the answer is not valid: {problem}")
        if altered:
            place = place_of_altered({name: message.get(name) for name in ("result", "error")}, "")
            if place is not None:
                words = f"{place[0][1:]} of the answer would arrive altered: {place[1]:.60}"
                return self.fail(key, "DECODE_FAILED", words)
        with self._session.lock:
            pending = self._session.outgoing.take(key)
            if pending is None:
                return
            error = message.get("error")
            if error is None:
                pending.settle(message.get("result"), None)
            else:
                told = RpcError(error["code"], error["message"], error.get("data"), method=pending.method)
                pending.settle(None, told)

    def fail(self, key: bytes, code: str, words: str) -> None:
        with self._session.lock:
            pending = self._session.outgoing.take(key)
            if pending is not None:
                text = f"{pending.method}: {words} (the request has run)"
                pending.settle(None, ChannelError(code, text, method=pending.method, delivery="unknown"))
