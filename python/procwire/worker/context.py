"""What a handler knows of its call, and can say while it runs."""

import asyncio
import time
from typing import Any, AsyncIterator, Callable, Generator, Iterator, List, Optional

from .. import dialect
from ..errors import Cancelled, ChannelError
from ..peer.call import Call
from ..peer.outgoing import Pending


class _Base:
    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def method(self) -> str:
        return self._call.method

    @property
    def cancelled(self) -> bool:
        """Nobody waits for the answer: the request was cancelled, its time is up, or the link has ended."""
        return self._call.is_done

    @property
    def remaining(self) -> Optional[float]:
        """Seconds left until the method's deadline; None when it has none."""
        deadline = self._call.deadline
        return None if deadline is None else deadline - time.monotonic()

    def check(self) -> None:
        """Raises `Cancelled` once nobody waits for the answer. It costs next to nothing: call it in loops."""
        self._call.check()

    def _ask(self, method: str, params: Any) -> Pending:
        self._call.check()
        return self._call.session.request(method, params, self._call.wake)

    def _given_up(self, pending: Pending, timeout: Optional[float]) -> bool:
        error = Cancelled() if self._call.is_done else timed_out(pending.method, timeout)
        return self._call.session.give_up(pending, error)

    def _pull(self) -> None:
        """Asks for more inputs, if it is time. Under the lock."""
        call = self._call
        assert call.input is not None
        count = call.input.ask(call.session.limits.input_bytes)
        if count > 0:
            codec = call.session.codec
            params = codec.members((("id", call.key), ("count", codec.encode(count))))
            call.session.outbox.put(call.session.notification(dialect.INPUT_PULL, params))


def timed_out(method: str, timeout: Optional[float]) -> ChannelError:
    words = f"{method}: no answer within {timeout} s (the request may already have run)"
    return ChannelError("TIMEOUT", words, method=method, delivery="unknown")


def outcome_of(pending: Pending) -> Any:
    if pending.error is not None:
        raise pending.error
    return pending.result


class Context(_Base):
    """The context of a handler on a thread."""

    def progress(self, value: Any) -> None:
        """How far this call is; one in 50 ms is sent at most, and the last one always."""
        self._call.progress(value)

    def notify(self, method: str, params: Any = None) -> None:
        self._call.session.notify(method, params)

    def stream(self, item: Any) -> None:
        """Sends an item of the streamed answer; waits while the caller takes no more."""
        self._call.send_item(item)

    def request(self, method: str, params: Any = None, *, timeout: Optional[float] = None) -> Any:
        """Asks the parent, and waits for its answer."""
        pending = self._ask(method, params)
        call = self._call
        call.session.crew.hand_over()
        until = None if timeout is None else time.monotonic() + timeout
        with call.session.lock:
            while not pending.is_done and not call.is_done:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    break
                call.wait(left)
        if not pending.is_done:
            self._given_up(pending, timeout)
        return outcome_of(pending)

    call = request

    @property
    def input(self) -> Iterator[Any]:
        """The items that came with the request, as they come."""
        while True:
            item = self._next_input()
            if item is None:
                return
            yield item[0]

    def _next_input(self) -> Optional[List[Any]]:
        call = self._call
        session = call.session
        while True:
            with session.lock:
                call.check()
                source = call.input
                if source is None:
                    return None
                if source.items:
                    item = source.take()
                    self._pull()
                    break
                if source.has_ended:
                    return None
                self._pull()
            session.flush()
            session.crew.hand_over()
            with session.lock:
                if not source.items and not source.has_ended and not call.is_done:
                    call.wait()
        if session.outbox.has_more:
            session.flush()
        return [item]


class Done:
    """Something that has happened already, for those who write `await` in front of it."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()


DONE = Done()


class AsyncContext(_Base):
    """The context of an async handler: the same, with `await` where something is waited for."""

    def __init__(self, call: Call, loop: asyncio.AbstractEventLoop, flush: Callable[[], None]) -> None:
        super().__init__(call)
        self._loop = loop
        self._flush = flush
        self._changed = asyncio.Event()
        call.on_change = self._on_change

    def _on_change(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._changed.set)
        except RuntimeError:
            pass  # the loop has ended, and the handler with it

    async def _wait(self, timeout: Optional[float] = None) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except asyncio.TimeoutError:
            pass

    def progress(self, value: Any) -> Done:
        self._call.progress(value)
        return DONE

    def notify(self, method: str, params: Any = None) -> Done:
        self._call.session.notify(method, params)
        return DONE

    async def stream(self, item: Any) -> None:
        call = self._call
        piece = call.encode_item(item)
        while True:
            self._changed.clear()
            if call.add_item(piece):
                return
            with call.session.lock:
                timeout = None if call.credit <= 0 else 0.02
                can_go_on = call.is_done or call.can_send()
            if not can_go_on:
                await self._wait(timeout)

    async def request(self, method: str, params: Any = None, *, timeout: Optional[float] = None) -> Any:
        pending = self._ask(method, params)
        until = None if timeout is None else time.monotonic() + timeout
        try:
            while not pending.is_done and not self._call.is_done:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.clear()
                if not pending.is_done and not self._call.is_done:
                    await self._wait(left)
        finally:
            if not pending.is_done:
                self._given_up(pending, timeout)
        return outcome_of(pending)

    call = request

    async def _inputs(self) -> AsyncIterator[Any]:
        call = self._call
        session = call.session
        while call.input is not None:
            self._changed.clear()
            with session.lock:
                call.check()
                has_item = bool(call.input.items)
                item = call.input.take() if has_item else None
                if not has_item and call.input.has_ended:
                    return
                self._pull()
            if session.outbox.has_more:
                self._flush()
            if has_item:
                yield item
            else:
                await self._wait()

    @property
    def input(self) -> AsyncIterator[Any]:
        """The items that came with the request, as they come: `async for item in context.input`."""
        return self._inputs()
