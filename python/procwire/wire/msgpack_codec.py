"""MessagePack: bytes, arrays of numbers, integers of 64 bits and dates, as @procwire/codec-msgpack has them.

| in Python | on the wire | in JavaScript |
|---|---|---|
| bytes, bytearray, memoryview | bin | Uint8Array |
| array.array | extensions 17 to 26 | the typed array of that kind |
| datetime (aware) | timestamp | Date |
"""

import struct
import sys
from array import array
from datetime import datetime, timedelta
from typing import Any, Callable, Dict, List, Optional, Tuple

from ..errors import EncodeError, words_of
from . import msgpack_reader
from .message import Peeked
from .msgpack_reader import EPOCH, ClampedArray

_DOUBLE = struct.Struct(">Bd").pack
_MICROSECOND = timedelta(microseconds=1)


class MessagePackCodec:
    name = "msgpack"
    altered = False

    def __init__(self, max_depth: int = 128) -> None:
        self._max_depth = max_depth

    def decode(self, frame: bytes) -> Any:
        return msgpack_reader.decode(frame, self._max_depth)

    def encode(self, value: Any) -> bytes:
        out = bytearray()
        try:
            _write(out, value, self._max_depth)
        except (UnicodeEncodeError, ValueError) as error:
            raise EncodeError(words_of(error)) from None
        return bytes(out)

    def id_key(self, value: Any, frame: Optional[bytes] = None, at: Optional[int] = None) -> Optional[bytes]:
        kind = type(value)
        if kind is int or kind is float or kind is str or value is None:
            return self.encode(value)
        return None

    def cancelled_key(self, frame: bytes, at: Optional[int]) -> Optional[bytes]:
        raise NotImplementedError  # ids need no second look here

    @staticmethod
    def array(items: List[bytes]) -> bytes:
        out = bytearray()
        _header(out, len(items), 0x90, 0xDC)
        return bytes(out) + b"".join(items)

    @staticmethod
    def members(names: Tuple[Tuple[str, bytes], ...]) -> bytes:
        out = bytearray()
        _header(out, len(names), 0x80, 0xDE)
        for name, value in names:
            _text(out, name)
            out += value
        return bytes(out)

    @staticmethod
    def result(key: bytes, result: bytes) -> bytes:
        return b"\x83\xa7jsonrpc\xa32.0\xa2id%b\xa6result%b" % (key, result)

    @staticmethod
    def error(key: bytes, error: bytes) -> bytes:
        return b"\x83\xa7jsonrpc\xa32.0\xa2id%b\xa5error%b" % (key, error)

    @staticmethod
    def null() -> bytes:
        return b"\xc0"

    def peek(self, head: bytes) -> Peeked:
        value, has_id, is_answer = msgpack_reader.peek(head, self._max_depth)
        return Peeked(self.id_key(value) if has_id else None, is_answer)


def _header(out: bytearray, count: int, short: int, long: int) -> None:
    if count < 16:
        out.append(short | count)
    elif count < 0x10000:
        out.append(long)
        out += count.to_bytes(2, "big")
    else:
        out.append(long + 1)
        out += count.to_bytes(4, "big")


def _sized(out: bytearray, size: int, first: int) -> None:
    """The header of bytes, of a long text, of an extension: in one, two or four bytes."""
    width = 0 if size < 0x100 else 1 if size < 0x10000 else 2
    if size >= 1 << 32:
        raise EncodeError("a value of 4 GiB or more can't be sent")
    out.append(first + width)
    out += size.to_bytes(1 << width, "big")


def _text(out: bytearray, text: str) -> None:
    data = text.encode()
    if len(data) < 32:
        out.append(0xA0 | len(data))
    else:
        _sized(out, len(data), 0xD9)
    out += data


def _integer(out: bytearray, value: int) -> None:
    if -32 <= value < 128:
        out.append(value & 0xFF)
        return
    for width in (1, 2, 4, 8):
        half = 1 << (8 * width - 1)
        first = {1: 0, 2: 1, 4: 2, 8: 3}[width]
        if 0 <= value < 2 * half:
            out.append(0xCC + first)
            out += value.to_bytes(width, "big")
            return
        if -half <= value < 0:
            out.append(0xD0 + first)
            out += value.to_bytes(width, "big", signed=True)
            return
    raise EncodeError("an integer beyond 64 bits can't be sent: send it as a string of its digits")


def _bytes(out: bytearray, data: Any) -> None:
    _sized(out, len(data), 0xC4)
    out += data


def _extension(out: bytearray, kind: int, payload: bytes) -> None:
    size = len(payload)
    if size in (1, 2, 4, 8, 16):
        out.append(0xD4 + size.bit_length() - 1)
    else:
        _sized(out, size, 0xC7)
    out.append(kind & 0xFF)
    out += payload


def _numbers(out: bytearray, numbers: Any) -> None:
    code, size = numbers.typecode, numbers.itemsize
    if code == "B" and not isinstance(numbers, ClampedArray):
        return _bytes(out, numbers.tobytes())
    if code in "fd":
        kind = 23 if code == "f" else 24
    elif code in "bhilqBHILQ":
        signed = code.islower()
        kind = {1: 17 if signed else 18, 2: 19, 4: 21, 8: 25}[size] + (0 if signed or size == 1 else 1)
    else:
        raise EncodeError(f"an array of type {code!r} can't be sent")
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    _extension(out, kind, numbers.tobytes())
    return None


def _date(out: bytearray, date: datetime) -> None:
    if date.tzinfo is None:
        raise EncodeError("a datetime without a time zone can't be sent: give it one")
    seconds, rest = divmod((date - EPOCH) // _MICROSECOND, 1_000_000)
    nanoseconds = rest * 1000
    if 0 <= seconds < 1 << 34:
        if nanoseconds == 0 and seconds < 1 << 32:
            return _extension(out, -1, seconds.to_bytes(4, "big"))
        return _extension(out, -1, (nanoseconds << 34 | seconds).to_bytes(8, "big"))
    return _extension(out, -1, struct.pack(">Iq", nanoseconds, seconds))


_PLAIN: Dict[type, Callable[[bytearray, Any], None]] = {
    int: _integer,
    str: _text,
    float: lambda out, value: out.extend(_DOUBLE(0xCB, value)),
    bool: lambda out, value: out.append(0xC3 if value else 0xC2),
    type(None): lambda out, value: out.append(0xC0),
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: lambda out, value: _bytes(out, value.tobytes()),
    array: _numbers,
    ClampedArray: _numbers,
    datetime: _date,
}


def _write(out: bytearray, value: Any, depth: int) -> None:
    write = _PLAIN.get(type(value))
    if write is not None:
        return write(out, value)
    if depth == 0:
        raise EncodeError("the value is nested too deeply, or contains itself")
    if isinstance(value, dict):
        _header(out, len(value), 0x80, 0xDE)
        for name, child in value.items():
            if not isinstance(name, str):
                raise EncodeError(f"a key that is no string can't be sent: {name!r:.60}")
            if name == "__proto__":
                raise EncodeError("the key __proto__ can't be sent")
            _text(out, name)
            _write(out, child, depth - 1)
    elif isinstance(value, (list, tuple)):
        _header(out, len(value), 0x90, 0xDC)
        for child in value:
            _write(out, child, depth - 1)
    else:
        for kind, write_one in _PLAIN.items():
            if isinstance(value, kind):  # a class of one's own that is one of these: an IntEnum, a str
                return write_one(out, value)
        raise EncodeError(f"{type(value).__name__} can't be sent in MessagePack")
    return None
