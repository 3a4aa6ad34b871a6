"""JSON: UTF-8 that is checked, never repaired, and numbers that are never altered in silence."""

import json
import re
from decimal import Decimal
from itertools import accumulate
from typing import Any, Dict, List, Optional, Tuple

from ..errors import DecodeError, EncodeError, words_of
from .message import Peeked

SAFE = float(2**53)
Key = bytes


class Altered:
    """Stands for a number that Python's numbers would alter."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class _Written(Altered):
    """Stands for any number, when its own text is looked for."""


def _refuse_constant(name: str) -> Any:
    raise DecodeError(f"{name} is not JSON")


_SPACE = r"[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
_HEAD = re.compile(
    rf'{_SPACE}{{{_SPACE}"jsonrpc"{_SPACE}:{_SPACE}"2\.0"{_SPACE},{_SPACE}'
    rf'(?:"id"{_SPACE}:{_SPACE}("[^"\\\x00-\x1f\x7f-\x9f\ufffd]*"|null|0|[1-9][0-9]{{0,14}}){_SPACE},{_SPACE})?'
    r'"(method|result|error)"'
)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_OTHERS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = [1 if byte in b"[{" else -1 if byte in b"]}" else 0 for byte in range(256)]
_TRAILING = re.compile(r"[ \t\n\r]*")


def _is_faithful(text: str, value: float) -> bool:
    """Whether a float prints the digits that were written, to as many places."""
    mantissa = re.split("[eE]", text.lstrip("-"))[0]
    digits = mantissa.replace(".", "").strip("0")
    if value == 0 or not digits:
        return not digits
    if value in (float("inf"), float("-inf")):
        return False
    if -SAFE < value < SAFE:
        return True
    return Decimal(format(value, f".{min(len(digits), 800) - 1}e")) == Decimal(text)


class JsonCodec:
    name = "json"

    def __init__(self, max_depth: int = 128) -> None:
        self._max_depth = max_depth
        self.altered = False
        """Whether the value decoded last holds a number that stands as `Altered`."""
        self._decoder = json.JSONDecoder(parse_float=self._float, parse_constant=_refuse_constant)
        self._careful = json.JSONDecoder(
            parse_float=self._float, parse_int=self._int, parse_constant=_refuse_constant
        )
        self._exact = json.JSONDecoder(parse_float=_Written, parse_int=_Written)
        self._encode = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_default
        ).encode
        self._encode_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_default).encode

    def _float(self, text: str) -> Any:
        value = float(text)
        if (1e-300 < value < SAFE) or (-SAFE < value < -1e-300) or _is_faithful(text, value):
            return value
        self.altered = True
        return Altered(text)

    def _int(self, text: str) -> Any:
        if text == "-0":
            return -0.0
        try:
            return int(text)
        except ValueError:  # more digits than Python reads
            self.altered = True
            return Altered(text)

    def decode(self, frame: bytes) -> Any:
        self.altered = False
        try:
            text = str(frame, "utf-8")
            try:
                # Only the careful way keeps the sign of -0.
                decoder = self._careful if b"-0" in frame else self._decoder
                value, end = decoder.raw_decode(text)
                if end != len(text) and _TRAILING.fullmatch(text, end) is None:
                    raise DecodeError("there are bytes after the value")
            except ValueError:
                value = self._decode_again(text)
        except RecursionError:
            raise DecodeError("the message is nested too deeply") from None
        except ValueError as error:
            raise DecodeError(f"not JSON: {words_of(error)}") from None
        if frame.count(b"[") + frame.count(b"{") > self._max_depth and _depth(frame) > self._max_depth:
            raise DecodeError("the message is nested too deeply")
        return value

    def _decode_again(self, text: str) -> Any:
        """With white space in front, or with more digits than Python reads; else it fails again."""
        self.altered = False
        return self._careful.decode(text)

    def encode(self, value: Any) -> bytes:
        kind = type(value)
        if kind is int:
            try:
                return b"%d" % value
            except ValueError as error:
                raise EncodeError(words_of(error)) from None
        if value is None:
            return b"null"
        try:
            try:
                return self._encode(value).encode()
            except UnicodeEncodeError:  # half of a surrogate pair has no UTF-8, and an escape
                return self._encode_ascii(value).encode()
        except RecursionError:
            raise EncodeError("the value is nested too deeply") from None
        except (ValueError, TypeError) as error:
            raise EncodeError(words_of(error)) from None

    def id_key(self, value: Any, frame: Optional[bytes] = None, at: Optional[int] = None) -> Optional[Key]:
        """An id as it was written; None for what is no id. `at`: the place of its message in a batch."""
        kind = type(value)
        if kind is int and value != 0:
            return b"%d" % value
        if kind is str or value is None:
            return self.encode(value)
        if kind is not int and kind is not float and kind is not Altered:
            return None
        if frame is None:
            return value.text.encode() if isinstance(value, Altered) else self.encode(value)
        exact = self._exact.decode(str(frame, "utf-8"))
        message = exact if at is None else exact[at]
        return bytes(message["id"].text, "utf-8")

    def cancelled_key(self, frame: bytes, at: Optional[int]) -> Optional[Key]:
        """The id that the params of a notification name, as it was written."""
        exact = self._exact.decode(str(frame, "utf-8"))
        params = (exact if at is None else exact[at]).get("params")
        value = params[0] if isinstance(params, list) and params else params["id"] if isinstance(params, dict) else None
        return bytes(value.text, "utf-8") if isinstance(value, Altered) else self.id_key(value)

    @staticmethod
    def array(items: List[bytes]) -> bytes:
        return b"[%b]" % b",".join(items)

    @staticmethod
    def members(names: Tuple[Tuple[str, bytes], ...]) -> bytes:
        return b"{%b}" % b",".join([b'"%b":%b' % (name.encode(), value) for name, value in names])

    @staticmethod
    def result(key: Key, result: bytes) -> bytes:
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (key, result)

    @staticmethod
    def error(key: Key, error: bytes) -> bytes:
        return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (key, error)

    @staticmethod
    def null() -> bytes:
        return b"null"

    @staticmethod
    def peek(head: bytes) -> Peeked:
        """What the beginning of a message that can't be read says of it. Only the order of members that nearly every
        sender uses is understood, since guessing beyond it could blame the wrong request."""
        text = head[:1024].decode("utf-8", "replace")
        cut = text.find("\ufffd")
        found = _HEAD.match(text if cut < 0 else text[:cut])
        if found is None:
            return Peeked(None, None)
        written, member = found.groups()
        is_answer = member != "method"
        if written is None:
            return Peeked(None, None if is_answer else False)
        return Peeked(written.encode(), is_answer)


def _default(value: Any) -> Any:
    to_list = getattr(value, "tolist", None)
    if type(value).__name__ == "array" and to_list is not None:
        return to_list()
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")


def _depth(frame: bytes) -> int:
    """Of the text, not of the value: of a name given twice the value has but one."""
    brackets = _STRINGS.sub(b"", frame).translate(None, _OTHERS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def place_of_altered(value: Any, place: str) -> Optional[Tuple[str, str]]:
    """Where in a value a number stands that would arrive altered, and its text."""
    if isinstance(value, Altered):
        return place, value.text
    parts: Dict[str, Any] = {}
    if isinstance(value, dict):
        parts = {f"{place}.{name}": child for name, child in value.items()}
    elif isinstance(value, list):
        parts = {f"{place}[{index}]": child for index, child in enumerate(value)}
    for name, child in parts.items():
        found = place_of_altered(child, name)
        if found is not None:
            return found
    return None
