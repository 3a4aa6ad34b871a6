"""Runs handlers: those on threads here and now, the async ones on the event loop. Nothing a handler does gets past."""

import asyncio
import traceback
from collections import deque
from typing import Any, Callable, Deque, Optional

from ..errors import INTERNAL_ERROR, RpcError, words_of
from ..link.report import report
from ..peer.call import Call
from ..peer.session import Session
from .context import AsyncContext, Context
from .method import Arguments, Method


def told_of(error: BaseException, method: str) -> RpcError:
    """What the caller gets of whatever a handler raised."""
    if isinstance(error, RpcError):
        return error
    words = words_of(error)
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        words = f"{method} asked its process to exit, which the worker does not: {type(error).__name__}({words})"
    return RpcError(INTERNAL_ERROR, words, {"type": type(error).__name__})


def log_failure(error: BaseException, method: str) -> None:
    """The traceback goes to stderr, and nowhere else."""
    if isinstance(error, RpcError):
        return
    try:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except BaseException:
        text = f"{type(error).__name__}\n"
    report(f"{method} failed:\n{text.rstrip()}")


def fail(session: Session, call: Call, error: BaseException) -> None:
    if not call.is_done:
        log_failure(error, call.method)
        session.fail(call, told_of(error, call.method))


def run_on_thread(session: Session, method: Method, arguments: Arguments, call: Call) -> None:
    """Runs a handler, and answers. Never raises."""
    try:
        if call.is_done:
            return  # cancelled while it waited for a thread
        positional, named = arguments
        if method.wants_context:
            result = method.handler(*positional, context=Context(call), **named)
        else:
            result = method.handler(*positional, **named)
        if method.is_stream:
            result = _drain(result, call)
        session.finish(call, result)
    except BaseException as error:
        fail(session, call, error)
    # The reader writes what it has once it has handled all that came; others write at once.
    if session.outbox.has_more and not session.crew.is_reader():
        session.flush()


def _drain(items: Any, call: Call) -> Any:
    try:
        while True:
            try:
                item = next(items)
            except StopIteration as stop:
                return stop.value
            call.send_item(item)
    finally:
        items.close()


class AsyncRunner:
    """Runs async handlers on the event loop of the main thread."""

    def __init__(self, session: Session, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._loop = loop
        self._arrived: Deque[Callable[[], None]] = deque()
        self._tasks: "set[asyncio.Task[None]]" = set()
        self._flush_is_due = False

    def start(self, method: Method, arguments: Arguments, call: Call) -> bool:
        """From any thread."""
        self._arrived.append(lambda: self._start(method, arguments, call))
        if len(self._arrived) == 1:
            try:
                self._loop.call_soon_threadsafe(self._start_all)
            except RuntimeError:
                return False  # the loop has ended
        return True

    def _start_all(self) -> None:
        while self._arrived:
            start = self._arrived[0]
            start()
            # Only now: as long as something is there, nobody wakes the loop again.
            self._arrived.popleft()

    def _start(self, method: Method, arguments: Arguments, call: Call) -> None:
        task = self._loop.create_task(self._run(method, arguments, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

        def cancel() -> None:
            try:
                self._loop.call_soon_threadsafe(task.cancel)
            except RuntimeError:
                pass  # the loop has ended, and the task with it

        call.on_cancel = cancel
        if call.is_done:
            task.cancel()

    async def _run(self, method: Method, arguments: Arguments, call: Call) -> None:
        session = self._session
        try:
            positional, named = arguments
            context: Optional[AsyncContext] = None
            if method.wants_context or method.is_async_stream:
                context = AsyncContext(call, self._loop, self.flush_soon)
            if method.wants_context:
                named = {**named, "context": context}
            made = method.handler(*positional, **named)
            if method.is_async_stream:
                assert context is not None
                await _drain_async(made, context)
                result = None
            else:
                result = await made
            session.finish(call, result)
        except BaseException as error:  # SystemExit as well: it would end the loop
            fail(session, call, error)
        self.flush_soon()

    def run_aside(self, coroutine: Any, name: str) -> None:
        """Of an async handler of notifications; from any thread."""

        async def run() -> None:
            try:
                await coroutine
            except BaseException as error:
                log_failure(error, name)

        def start() -> None:
            task = self._loop.create_task(run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(start)

    def flush_soon(self) -> None:
        """Once for all that is said in one round of the loop, and on another thread: a write may have to wait."""
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        try:
            self._session.crew.submit(self._session.flush)
        except RuntimeError:  # no thread to be had
            self._session.flush()


async def _drain_async(items: Any, context: AsyncContext) -> None:
    try:
        async for item in items:
            await context.stream(item)
    finally:
        await items.aclose()
