"""What a worker does with requests and notifications."""

import time
from typing import Any, Callable, Dict, List, Optional

from ..errors import RpcError
from ..peer.call import Call
from ..peer.heard import Heard
from ..peer.session import Session
from .method import Arguments, Method
from .running import AsyncRunner, log_failure, run_on_thread


class WorkerService:
    serves = True

    def __init__(
        self,
        session: Session,
        methods: Dict[str, Method],
        listeners: Dict[str, Method],
        on_end: Callable[[str, Optional[Exception]], None],
    ) -> None:
        self._session = session
        self._methods = methods
        self._listeners = listeners
        self._on_end = on_end
        self.asynchronous: Optional[AsyncRunner] = None
        self.find: Callable[[str], Optional[Method]] = methods.get
        self._heard = Heard(session, lambda job: session.crew.run(job, 0))

    @staticmethod
    def bind(method: Method, params: Any) -> Arguments:
        return method.bind(params)

    def start(self, method: Method, arguments: Arguments, call: Call, size: int) -> bool:
        session = self._session
        if method.deadline is not None:
            call.deadline = time.monotonic() + method.deadline
            with session.lock:
                session.timed.add(call)
        if method.is_async:
            return self.asynchronous is not None and self.asynchronous.start(method, arguments, call)
        return session.crew.run(lambda: run_on_thread(session, method, arguments, call), size)

    def hear(self, method: str, params: Any, size: int) -> None:
        listener = self._listeners.get(method)
        if listener is None:
            return
        try:
            arguments = listener.bind(params)
        except RpcError as error:
            return log_failure(ValueError(error.message), method)
        return self._heard.push(lambda: self._tell(listener, arguments), size)

    def _tell(self, listener: Method, arguments: Arguments) -> None:
        positional, named = arguments
        try:
            result = listener.handler(*positional, **named)
            if listener.is_async and self.asynchronous is not None:
                self.asynchronous.run_aside(result, listener.name)
        except BaseException as error:
            log_failure(error, listener.name)

    def list(self) -> List[Dict[str, Any]]:
        return [method.describe() for method in self._methods.values()]

    @property
    def dropped(self) -> int:
        """Notifications that nobody heard, because too many waited."""
        return self._heard.dropped

    def noise(self, size: int) -> None:
        pass  # a worker answers what it can't read

    def shutdown(self) -> None:
        self._on_end("shutdown", None)

    def ended(self, reason: Optional[Exception]) -> None:
        self._on_end("eof" if reason is None else "broken", reason)
