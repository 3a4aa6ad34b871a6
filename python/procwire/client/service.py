"""What a channel does with requests and notifications of its worker: handlers run on threads that may call and wait."""

import sys
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from ..errors import BUSY, RpcError
from ..peer.call import Call
from ..peer.session import Session
from ..worker.method import Arguments, Method
from ..worker.running import log_failure, run_on_thread
from .ends import Ends


class ChannelService:
    serves = False

    def __init__(self, session: Session, ends: Ends) -> None:
        self._session = session
        self._ends = ends
        self._methods: Dict[str, Method] = {}
        self._listeners: Dict[str, Callable[..., Any]] = {}
        self._heard: Deque[Tuple[Callable[..., Any], str, Any, int]] = deque()
        self._heard_bytes = 0
        self._is_hearing = False
        self.dropped = 0

    def serve(self, method: Method) -> None:
        if method.is_async:
            raise TypeError(f"{method.name}: a Channel takes no async handlers; an AsyncChannel does")
        self._methods[method.name] = method

    def listen(self, name: str, handler: Callable[..., Any]) -> None:
        self._listeners[name] = handler

    def find(self, method: str) -> Optional[Method]:
        return self._methods.get(method)

    @staticmethod
    def bind(method: Method, params: Any) -> Arguments:
        return method.bind(params)

    def start(self, method: Method, arguments: Arguments, call: Call, size: int) -> bool:
        session = self._session
        try:
            # Never on the reader: it hears the answers that a handler waits for.
            session.crew.submit(lambda: run_on_thread(session, method, arguments, call))
        except RuntimeError:
            session.fail(call, RpcError(BUSY, "Busy: the system refuses another thread"))
        return True

    def hear(self, method: str, params: Any, size: int) -> None:
        handler = self._listeners.get(method)
        if handler is None:
            if method == "log" and isinstance(params, dict) and isinstance(params.get("message"), str):
                print(params["message"], file=sys.stderr)
            return
        session = self._session
        with session.lock:
            most, bytes_ = session.limits.queued_notifications, session.limits.input_bytes
            while self._heard and (len(self._heard) >= most or self._heard_bytes + size > bytes_):
                self._heard_bytes -= self._heard.popleft()[3]
                self.dropped += 1
            self._heard.append((handler, method, params, size))
            self._heard_bytes += size
            begins = not self._is_hearing
            self._is_hearing = True
        if begins:
            try:
                session.crew.submit(self._hear_all)
            except RuntimeError:
                self._is_hearing = False

    def _hear_all(self) -> None:
        """One after the other, in order."""
        while True:
            with self._session.lock:
                if not self._heard:
                    self._is_hearing = False
                    return
                handler, name, params, size = self._heard.popleft()
                self._heard_bytes -= size
            try:
                handler(params)
            except BaseException as error:
                log_failure(error, name)

    def list(self) -> List[Dict[str, Any]]:
        return [method.describe() for method in self._methods.values()]

    def noise(self, size: int) -> None:
        self._ends.noise(size)

    def shutdown(self) -> None:
        pass  # a worker does not end its parent

    def ended(self, reason: Optional[Exception]) -> None:
        self._ends.input_ended(reason)
