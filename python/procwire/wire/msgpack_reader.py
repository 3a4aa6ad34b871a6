"""MessagePack to values. Lengths are checked against the message before anything is made of them."""

import struct
import sys
from array import array
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional, Tuple

from ..errors import DecodeError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ClampedArray(array):  # type: ignore[type-arg]
    """A Uint8ClampedArray: bytes that JavaScript clamps."""


def _code(size: int, signed: bool) -> str:
    """The type code of integers of so many bytes, which differs between systems."""
    codes = "bhilq" if signed else "BHILQ"
    return next(code for code in codes if array(code).itemsize == size)


ARRAY_TYPES: Dict[int, str] = {
    17: "b",
    18: "B",
    19: _code(2, True),
    20: _code(2, False),
    21: _code(4, True),
    22: _code(4, False),
    23: "f",
    24: "d",
    25: _code(8, True),
    26: _code(8, False),
}
NUMBERS = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


class Reader:
    def __init__(self, data: bytes, max_depth: int) -> None:
        self._data = data
        self._at = 0
        self._end = len(data)
        self._depth = max_depth

    @property
    def is_at_end(self) -> bool:
        return self._at == self._end

    def _take(self, count: int) -> bytes:
        at, end = self._at, self._at + count
        if end > self._end:
            raise DecodeError("the message ends inside of a value")
        self._at = end
        return self._data[at:end]

    def _size(self, width: int) -> int:
        return int.from_bytes(self._take(width), "big")

    def value(self) -> Any:
        data, at = self._data, self._at
        if at >= self._end:
            raise DecodeError("the message ends where a value is expected")
        first = data[at]
        self._at = at + 1
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256
        if 0xA0 <= first < 0xC0:
            return self._text(first & 0x1F)
        if first < 0x90:
            return self._map(first & 0x0F)
        if first < 0xA0:
            return self._array(first & 0x0F)
        number = NUMBERS.get(first)
        if number is not None:
            return number.unpack(self._take(number.size))[0]
        if first in CONSTANTS:
            return CONSTANTS[first]
        return self._long(first)

    def _long(self, first: int) -> Any:
        if 0xC4 <= first <= 0xC6:
            return self._take(self._size(1 << (first - 0xC4)))
        if 0xC7 <= first <= 0xC9:
            return self._extension(self._size(1 << (first - 0xC7)))
        if 0xD4 <= first <= 0xD8:
            return self._extension(1 << (first - 0xD4))
        if 0xD9 <= first <= 0xDB:
            return self._text(self._size(1 << (first - 0xD9)))
        if first in (0xDC, 0xDD):
            return self._array(self._size(2 << (first - 0xDC)))
        if first in (0xDE, 0xDF):
            return self._map(self._size(2 << (first - 0xDE)))
        raise DecodeError("a byte that begins no value")

    def _text(self, size: int) -> str:
        try:
            return str(self._take(size), "utf-8")
        except UnicodeDecodeError:
            raise DecodeError("a string that is not UTF-8") from None

    def _enter(self, least: int) -> None:
        if least > self._end - self._at:
            raise DecodeError("a length that goes beyond the message")
        self._depth -= 1
        if self._depth < 0:
            raise DecodeError("the message is nested too deeply")

    def _array(self, count: int) -> List[Any]:
        self._enter(count)
        value = self.value
        items = [value() for _ in range(count)]
        self._depth += 1
        return items

    def _map(self, count: int) -> Dict[str, Any]:
        self._enter(2 * count)
        members: Dict[str, Any] = {}
        for _ in range(count):
            name = self.name()
            members[name] = self.value()
        self._depth += 1
        return members

    def name(self) -> str:
        name = self.value()
        if type(name) is not str:
            raise DecodeError("a key in a map that is no string")
        if name == "__proto__":
            raise DecodeError("the key __proto__ in a map")
        return name

    def members(self) -> int:
        """How many members the map has that begins here."""
        first = self._take(1)[0]
        if 0x80 <= first < 0x90:
            return first & 0x0F
        if first in (0xDE, 0xDF):
            return self._size(2 << (first - 0xDE))
        raise DecodeError("a value that is no map")

    def _extension(self, size: int) -> Any:
        kind = self._take(1)[0]
        payload = self._take(size)
        if kind == 0xFF:
            return _timestamp(payload)
        code = ARRAY_TYPES.get(kind)
        if code is None:
            raise DecodeError(f"an unknown extension type {kind}")
        numbers = ClampedArray(code) if kind == 18 else array(code)
        if size % numbers.itemsize != 0:
            raise DecodeError("a typed array of a wrong length")
        numbers.frombytes(payload)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers


def _timestamp(payload: bytes) -> datetime:
    if len(payload) == 4:
        seconds, nanoseconds = int.from_bytes(payload, "big"), 0
    elif len(payload) == 8:
        both = int.from_bytes(payload, "big")
        seconds, nanoseconds = both & 0x3_FFFF_FFFF, both >> 34
    elif len(payload) == 12:
        nanoseconds, seconds = struct.unpack(">Iq", payload)
    else:
        raise DecodeError("a timestamp of a wrong length")
    if nanoseconds > 999_999_999:
        raise DecodeError("a timestamp with too many nanoseconds")
    try:
        return EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
    except OverflowError:
        raise DecodeError("a timestamp beyond the years that Python has") from None


def decode(frame: bytes, max_depth: int) -> Any:
    reader = Reader(frame, max_depth)
    value = reader.value()
    if not reader.is_at_end:
        raise DecodeError("there are bytes after the value")
    return value


def peek(head: bytes, max_depth: int) -> Tuple[Any, bool, Optional[bool]]:
    """What the members in front of the broken place say: the id, if there is one, and whether it is an answer."""
    reader = Reader(head, max_depth)
    found: Dict[str, Any] = {}
    try:
        for _ in range(reader.members()):
            name = reader.name()
            if name != "id":
                found[name] = None
            value = reader.value()
            found[name] = value
    except DecodeError:
        pass
    is_answer = False if "method" in found else True if "result" in found or "error" in found else None
    return found.get("id"), "id" in found, is_answer
