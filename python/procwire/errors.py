"""What can go wrong: an answer of the other side that says so, and the lack of one."""

from typing import Any, Optional

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
BUSY = -32000
DEADLINE_EXCEEDED = -32001
REQUEST_CANCELLED = -32800

ERROR_CODES = {
    "parse error": PARSE_ERROR,
    "invalid request": INVALID_REQUEST,
    "method not found": METHOD_NOT_FOUND,
    "invalid params": INVALID_PARAMS,
    "internal error": INTERNAL_ERROR,
    "busy": BUSY,
    "deadline exceeded": DEADLINE_EXCEEDED,
    "request cancelled": REQUEST_CANCELLED,
}


class RpcError(Exception):
    """An error answer. Raise one in a handler to choose the code; a call raises the one that came."""

    def __init__(self, code: int, message: str, data: Any = None, *, method: Optional[str] = None) -> None:
        if isinstance(code, bool) or not isinstance(code, int):
            raise TypeError(f"the code of an RpcError must be a whole number, not {code!r}")
        if not isinstance(message, str):
            raise TypeError(f"the message of an RpcError must be a string, not {message!r}")
        super().__init__(code, message, data)
        self.code = code
        self.message = message
        self.data = data
        self.method = method

    def __str__(self) -> str:
        return f"{self.message} ({self.code})" if self.method is None else f"{self.method}: {self.message} ({self.code})"


class Cancelled(RpcError):
    """Raised in a handler, where it waits, when its request was cancelled, its time was up, or the link ended."""

    def __init__(self, message: str = "Request cancelled") -> None:
        super().__init__(REQUEST_CANCELLED, message)


class ChannelError(Exception):
    """There was no answer. `code` is one of a closed list; `delivery` says whether the request may have run."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        method: Optional[str] = None,
        delivery: Optional[str] = None,
        exit_code: Optional[int] = None,
        signal: Optional[str] = None,
        stderr: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.method = method
        self.delivery = delivery
        self.exit_code = exit_code
        self.signal = signal
        self.stderr = stderr

    def of(self, method: str, delivery: str) -> "ChannelError":
        """The same, as it is told to one request."""
        may_have_run = "nothing was sent" if delivery == "not-sent" else "the request may already have run"
        told = ChannelError(
            self.code,
            f"{method}: {self} ({may_have_run})",
            method=method,
            delivery=delivery,
            exit_code=self.exit_code,
            signal=self.signal,
            stderr=self.stderr,
        )
        told.__cause__ = self
        return told


class EncodeError(ValueError):
    """The codec can't express a value; nothing was sent."""


class DecodeError(ValueError):
    """Bytes that are no value."""


class FrameError(ValueError):
    """The boundary between messages is lost: there is no way to find the next one."""


def words_of(error: BaseException) -> str:
    """What an exception says; its `__str__` may fail, too."""
    try:
        return str(error) or type(error).__name__
    except BaseException:
        return type(error).__name__
