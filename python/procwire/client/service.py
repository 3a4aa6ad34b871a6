"""What a channel does with requests and notifications of its worker: handlers run on threads that may call and wait."""

import sys
from typing import Any, Callable, Dict, List, Optional

from ..errors import BUSY, RpcError
from ..peer.call import Call
from ..peer.heard import Heard, Job
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
        self._heard = Heard(session, self._submit)

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
        self._heard.push(lambda: _tell(handler, method, params), size)

    def _submit(self, job: Job) -> bool:
        """Never on the reader, as requests."""
        try:
            self._session.crew.submit(job)
        except RuntimeError:
            return False
        return True

    @property
    def dropped(self) -> int:
        """Notifications that nobody heard, because too many waited."""
        return self._heard.dropped

    def list(self) -> List[Dict[str, Any]]:
        return [method.describe() for method in self._methods.values()]

    def noise(self, size: int) -> None:
        self._ends.noise(size)

    def shutdown(self) -> None:
        pass  # a worker does not end its parent

    def ended(self, reason: Optional[Exception]) -> None:
        self._ends.input_ended(reason)


def _tell(handler: Callable[..., Any], name: str, params: Any) -> None:
    try:
        handler(params)
    except BaseException as error:
        log_failure(error, name)
