"""The worker that people write: methods by decorators, then `run`."""

import os
from typing import Any, Callable, Dict, Optional, TypeVar, Union, overload

from .. import dialect
from ..limits import Limits
from ..wire.codec import make_codec
from ..wire.framing import DECODERS
from .method import Method
from .process import Process

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Worker:
    """Serves methods over stdin and stdout.

    `threads`: so many handlers that are not async run at once (1: one after the other). `max_time`: seconds that each call may
    take, unless its method says otherwise.
    """

    def __init__(
        self,
        *,
        framing: str = "line",
        codec: str = "json",
        threads: Optional[int] = None,
        max_time: Optional[float] = None,
        limits: Optional[Limits] = None,
    ) -> None:
        if framing not in DECODERS:
            raise ValueError(f"the framing must be one of {', '.join(DECODERS)}, not {framing!r}")
        if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
            raise ValueError(f"threads must be a whole number above 0, not {threads!r}")
        self.limits = limits if limits is not None else Limits()
        make_codec(codec, framing, self.limits.depth)
        self.framing = framing
        self.codec = codec
        self.threads = threads if threads is not None else min(32, (os.cpu_count() or 1) + 4)
        self._max_time = max_time
        self._methods: Dict[str, Method] = {}
        self._listeners: Dict[str, Method] = {}

    @overload
    def method(self, name: Handler) -> Handler: ...

    @overload
    def method(
        self, name: Optional[str] = None, *, deadline: Optional[float] = None
    ) -> Callable[[Handler], Handler]: ...

    def method(self, name: Union[str, Handler, None] = None, *, deadline: Optional[float] = None) -> Any:
        """Serves a function as a method: `@worker.method`, `@worker.method("name")`, `@worker.method(deadline=2.5)`."""
        if callable(name):
            return self._add(name, None, None)
        given = name
        return lambda handler: self._add(handler, given, deadline)

    def _add(self, handler: Handler, name: Optional[str], deadline: Optional[float]) -> Handler:
        chosen = name if name is not None else getattr(handler, "__name__", None)
        if not isinstance(chosen, str):
            raise TypeError(f"{handler!r} has no name: write @worker.method(name)")
        if chosen.startswith(dialect.RESERVED_PREFIXES):
            raise ValueError(f"{chosen}: names that begin with $/ or rpc. belong to the protocol")
        if chosen in self._methods:
            raise ValueError(f"{chosen} is served already: give one of the two another name")
        self._methods[chosen] = Method(chosen, handler, deadline if deadline is not None else self._max_time)
        return handler

    def on(self, name: str) -> Callable[[Handler], Handler]:
        """Hears notifications of this name, in the order of their arrival: `@worker.on("changed")`."""

        def add(handler: Handler) -> Handler:
            if name in self._listeners or name == dialect.SHUTDOWN or name.startswith(dialect.RESERVED_PREFIXES):
                raise ValueError(f"notifications named {name} have a handler already, or belong to the protocol")
            self._listeners[name] = Method(name, handler)
            return handler

        return add

    def run(self) -> None:
        """Serves until stdin ends, the parent says `shutdown`, or SIGTERM comes; then returns, or ends the process if
        handlers are still running. While it serves, what is printed goes to stderr."""
        Process(self, self._methods, self._listeners).run()

    @property
    def needs_loop(self) -> bool:
        return any(method.is_async for method in (*self._methods.values(), *self._listeners.values()))
