"""The same channel for asyncio: what waits there is awaited here."""

import asyncio
from types import TracebackType
from typing import Any, AsyncIterator, Awaitable, Callable, List, Optional, Sequence, Type

from ..errors import ChannelError
from ..peer.outgoing import Pending
from ..worker.context import outcome_of, timed_out
from .channel import Channel
from .streams import Items


class AsyncChannel:
    """Calls a worker from coroutines. `await AsyncChannel.spawn([...])` starts one."""

    def __init__(self, channel: Channel, loop: asyncio.AbstractEventLoop) -> None:
        self._channel = channel
        self._session = channel._session
        self._loop = loop

    @classmethod
    async def spawn(cls, command: Sequence[str], **options: Any) -> "AsyncChannel":
        """The options are those of `Channel.spawn`. Starting a process blocks, so it is done beside the loop."""
        loop = asyncio.get_running_loop()
        return cls(await loop.run_in_executor(None, lambda: Channel.spawn(command, **options)), loop)

    @property
    def pid(self) -> int:
        return self._channel.pid

    @property
    def closed(self) -> Optional[ChannelError]:
        return self._channel.closed

    @property
    def stderr(self) -> str:
        return self._channel.stderr

    async def call(
        self,
        method: str,
        params: Any = None,
        *,
        timeout: Optional[float] = None,
        on_progress: Optional[Callable[[Any], None]] = None,
    ) -> Any:
        changed = asyncio.Event()
        prepare = self._channel._prepare(None if on_progress is None else self._on_loop(on_progress))
        pending = self._session.request(method, params, self._waker(changed), prepare)
        timeout = timeout if timeout is not None else self._channel._timeout
        try:
            await self._until(changed, lambda: pending.is_done, timeout)
            if not pending.is_done:
                self._session.give_up(pending, timed_out(method, timeout))
        finally:
            if not pending.is_done:  # the task was cancelled
                self._session.give_up(pending, _cancelled(method))
        return outcome_of(pending)

    request = call

    def notify(self, method: str, params: Any = None) -> None:
        self._channel.notify(method, params)

    async def stream(
        self, method: str, params: Any = None, *, timeout: Optional[float] = None
    ) -> AsyncIterator[Any]:
        """The items of a streamed answer. Leaving the loop early cancels it."""
        session = self._session
        changed = asyncio.Event()
        items = Items(session)

        def prepare(pending: Pending) -> List[bytes]:
            pending.stream = items
            return items.open(pending)

        pending = session.request(method, params, self._waker(changed), prepare)
        until = None if timeout is None else self._loop.time() + timeout
        try:
            while True:
                left = None if until is None else max(0.0, until - self._loop.time())
                await self._until(changed, lambda: items.has_some or pending.is_done or items.failure is not None, left)
                if items.failure is not None:
                    raise items.failure
                with session.lock:
                    has_item = items.has_some
                    item = items.take() if has_item else None
                    more = items.ask() if has_item else None
                    if more is not None:
                        session.outbox.put(more)
                if more is not None:
                    session.crew.submit(session.flush)
                if has_item:
                    yield item
                elif pending.is_done:
                    outcome_of(pending)
                    return
                else:
                    raise timed_out(method, timeout)
        finally:
            session.give_up(pending, _cancelled(method))

    async def methods(self) -> List[str]:
        return [each["name"] for each in (await self.call("rpc.discover"))["methods"]]

    def on_notification(self, name: str, handler: Callable[[Any], Any]) -> None:
        """Hears notifications in order, on the loop; a coroutine function runs as a task."""
        self._channel.on_notification(name, self._on_loop(handler))

    def on_request(self, name: str, handler: Callable[..., Any]) -> None:
        """Answers requests of the worker, on the loop; the handler may be a coroutine function."""
        loop = self._loop

        async def run(arguments: Any) -> Any:
            positional, named = arguments
            made = handler(*positional, **named)
            return await made if asyncio.iscoroutine(made) else made

        def serve(*positional: Any, **named: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(run((positional, named)), loop).result()

        self._channel.on_request(name, serve)

    async def close(self, *, grace: float = 2.0, term: float = 2.0) -> None:
        await self._loop.run_in_executor(None, lambda: self._channel.close(grace=grace, term=term))

    async def kill(self) -> None:
        await self._loop.run_in_executor(None, self._channel.kill)

    async def __aenter__(self) -> "AsyncChannel":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    # Between the threads and the loop.

    def _waker(self, changed: asyncio.Event) -> Callable[[], None]:
        def wake() -> None:
            try:
                self._loop.call_soon_threadsafe(changed.set)
            except RuntimeError:
                pass  # the loop has ended, and nobody waits

        return wake

    async def _until(self, changed: asyncio.Event, condition: Callable[[], bool], timeout: Optional[float]) -> None:
        until = None if timeout is None else self._loop.time() + timeout
        while True:
            changed.clear()
            left = None if until is None else until - self._loop.time()
            if condition() or (left is not None and left <= 0):
                return
            try:
                await asyncio.wait_for(changed.wait(), left)
            except asyncio.TimeoutError:
                pass

    def _on_loop(self, handler: Callable[[Any], Any]) -> Callable[[Any], None]:
        async def run(value: Any) -> None:
            made = handler(value)
            if isinstance(made, Awaitable):
                await made

        def hear(value: Any) -> None:
            try:
                asyncio.run_coroutine_threadsafe(run(value), self._loop)
            except RuntimeError:
                pass  # the loop has ended

        return hear


def _cancelled(method: str) -> ChannelError:
    return ChannelError("CANCELLED", f"{method}: cancelled", method=method, delivery="unknown")
