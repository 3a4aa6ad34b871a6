"""A channel to a worker that this process starts."""

import threading
import time
from types import TracebackType
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence, Type, TypeVar

from ..errors import ChannelError
from ..limits import Limits
from ..peer.crew import Crew
from ..peer.outgoing import Pending
from ..peer.reader import Reader
from ..peer.session import Session
from ..wire.codec import make_codec
from ..wire.framing import DECODERS
from ..worker.context import outcome_of, timed_out
from ..worker.method import Method
from .child import Child
from .ends import Ends
from .service import ChannelService
from .streams import Items

Handler = TypeVar("Handler", bound=Callable[..., Any])
Self = TypeVar("Self", bound="Channel")


class Channel:
    """Calls a worker. `Channel.spawn` starts one; every method may be called from any thread."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        framing: str = "line",
        codec: str = "json",
        timeout: Optional[float] = None,
        stderr: str = "inherit",
        limits: Optional[Limits] = None,
        threads: int = 4,
    ) -> None:
        if isinstance(command, (str, bytes)) or not command:
            raise TypeError('the command must be a list: ["program", "argument"]; no shell reads it')
        if framing not in DECODERS:
            raise ValueError(f"the framing must be one of {', '.join(DECODERS)}, not {framing!r}")
        if stderr not in ("inherit", "ignore"):
            raise ValueError(f'stderr must be "inherit" or "ignore", not {stderr!r}')
        limits = limits if limits is not None else Limits()
        wire = make_codec(codec, framing, limits.depth)
        self._timeout = timeout
        self._child = Child(command, cwd, env, stderr, limits.stderr_bytes)
        crew = Crew("procwire-channel", threads, limits.queued, limits.queued_bytes)
        self._session = Session(wire, framing, limits, crew, self._child.write)
        self._ends = Ends(self._session, self._child)
        self._service = ChannelService(self._session, self._ends)
        self._reader = Reader(self._session, self._service, framing, self._child.read)
        crew.read = self._reader.run
        crew.on_look = self._session.look
        crew.start()
        self._ends.watch()

    @classmethod
    def spawn(cls: Type[Self], command: Sequence[str], **options: Any) -> Self:
        """Starts a worker. Raises ChannelError (SPAWN_FAILED) when that is not possible."""
        return cls(command, **options)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def closed(self) -> Optional[ChannelError]:
        """Why the channel has ended; None while it lives."""
        return self._ends.reason

    @property
    def stderr(self) -> str:
        """The last part of what the worker wrote to stderr."""
        return self._child.stderr

    # Requests.

    def call(
        self,
        method: str,
        params: Any = None,
        *,
        timeout: Optional[float] = None,
        on_progress: Optional[Callable[[Any], None]] = None,
    ) -> Any:
        """The result of a method. Raises RpcError for an error answer, ChannelError where there is none."""
        waiting = Waiting(self._session)
        pending = self._session.request(method, params, waiting.wake, self._prepare(on_progress))
        timeout = timeout if timeout is not None else self._timeout
        try:
            if not waiting.wait(lambda: pending.is_done, timeout):
                self._session.give_up(pending, timed_out(method, timeout))
        except BaseException:  # Ctrl-C while it waits
            self._session.give_up(pending, ChannelError("CANCELLED", f"{method}: cancelled", method=method))
            raise
        return outcome_of(pending)

    request = call

    def notify(self, method: str, params: Any = None) -> None:
        self._ends.check(method)
        self._session.notify(method, params)

    def stream(self, method: str, params: Any = None, *, timeout: Optional[float] = None) -> "Stream":
        """The items of a streamed answer: an iterator, whose `result` is there when it has ended."""
        return Stream(self._session, method, params, timeout if timeout is not None else self._timeout)

    def methods(self) -> List[str]:
        return [each["name"] for each in self.call("rpc.discover")["methods"]]

    @staticmethod
    def _prepare(on_progress: Optional[Callable[[Any], None]]) -> Optional[Callable[[Pending], List[bytes]]]:
        if on_progress is None:
            return None

        def prepare(pending: Pending) -> List[bytes]:
            pending.on_progress = on_progress
            return []

        return prepare

    # What the worker says.

    def on_notification(self, name: str, handler: Optional[Handler] = None) -> Any:
        """Hears notifications, in order, on a thread that may call and wait. Also a decorator."""
        if handler is None:
            return lambda each: self.on_notification(name, each)
        self._service.listen(name, handler)
        return handler

    def on_request(self, name: str, handler: Optional[Handler] = None) -> Any:
        """Answers requests of the worker, on a thread that may call and wait. Also a decorator."""
        if handler is None:
            return lambda each: self.on_request(name, each)
        self._service.serve(Method(name, handler))
        return handler

    # The end.

    def close(self, *, grace: float = 2.0, term: float = 2.0) -> None:
        """Says `shutdown`, ends the worker's stdin, and waits: for `grace`, then with SIGTERM for `term`, then with
        SIGKILL. Returns when the worker has exited; may be called again."""
        self._ends.close(grace, term)

    def kill(self) -> None:
        """Ends the worker and all it has started, at once."""
        self._ends.begin(ChannelError("CHANNEL_CLOSED", "The channel was closed by kill()"))
        self._child.kill()
        self._ends.join()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


class Waiting:
    """A thread that waits for a request of its own."""

    def __init__(self, session: Session) -> None:
        self._changed = threading.Condition(session.lock)

    def wake(self) -> None:
        self._changed.notify_all()

    def wait(self, condition: Callable[[], bool], timeout: Optional[float]) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout)


class Stream:
    """The items of one streamed answer, as they come. `close()`, or the end of a `with`, ends it early."""

    def __init__(self, session: Session, method: str, params: Any, timeout: Optional[float]) -> None:
        self._session = session
        self._timeout = timeout
        self._until = None if timeout is None else time.monotonic() + timeout
        self._waiting = Waiting(session)
        self._items = Items(session)

        def prepare(pending: Pending) -> List[bytes]:
            pending.stream = self._items
            return self._items.open(pending)

        self._pending = session.request(method, params, self._waiting.wake, prepare)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        items, pending = self._items, self._pending
        left = None if self._until is None else self._until - time.monotonic()
        is_there = self._waiting.wait(lambda: items.has_some or pending.is_done or items.failure is not None, left)
        if not is_there:
            self._session.give_up(pending, timed_out(pending.method, self._timeout))
        if items.failure is not None:
            self._session.give_up(pending, items.failure)
            raise items.failure
        with self._session.lock:
            has_item = items.has_some
            item = items.take() if has_item else None
            more = items.ask() if has_item else None
            if more is not None:
                self._session.outbox.put(more)
        if more is not None:
            self._session.flush()
        if not has_item:
            outcome_of(pending)
            raise StopIteration
        return item

    @property
    def result(self) -> Any:
        """What the stream returned beside its items; once it has ended."""
        return self._pending.result

    def close(self) -> None:
        method = self._pending.method
        self._session.give_up(self._pending, ChannelError("CANCELLED", f"{method}: the stream was closed", method=method))

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
