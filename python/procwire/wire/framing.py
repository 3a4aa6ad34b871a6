"""Bytes to frames and back. A decoder is pushed chunks and shows one frame after the other."""

from typing import Callable, Dict, List, Optional, Union

from ..errors import FrameError

HEAD = 1024
"""So many bytes are kept of a frame that is skipped, to tell whose it was."""
HEADER_LIMIT = 8 * 1024
MARK = b"\xef\xbb\xbf"
BLANKS = b" \t\r"
BLANK_STARTS = (b"", b" ", b"\t", b"\r")


class Oversized:
    """A frame above the limit, which is not kept."""

    __slots__ = ("head",)

    def __init__(self, head: bytes) -> None:
        self.head = head


Found = Union[bytes, Oversized]


class LineDecoder:
    """Each frame ends with 0x0A. Blank lines and a byte-order mark at the beginning are skipped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines: List[Found] = []
        self._at = 0
        self._open: List[bytes] = []
        self._open_bytes = 0
        self._is_first = True

    def push(self, chunk: bytes) -> None:
        head, *lines = chunk.split(b"\n")
        self._extend(head)
        if not lines:
            return
        ended: List[Found] = [self._take_open(), *lines[:-1]]
        # What was not taken yet stands before what has come.
        self._lines = self._lines[self._at :] + ended if self._at < len(self._lines) else ended
        self._at = 0
        self._extend(lines[-1])

    def _extend(self, part: bytes) -> None:
        """More of a line that has no end yet; of one that is too long only the head is kept."""
        if not part:
            return
        # A mark and a carriage return don't count as part of a line.
        is_too_long = self._open_bytes > self._limit + 4
        self._open_bytes += len(part)
        if not is_too_long:
            self._open.append(part)
            if self._open_bytes > self._limit + 4:
                self._open = [b"".join(self._open)[: HEAD + 3]]

    def _take_open(self) -> Found:
        whole = self._open[0] if len(self._open) == 1 else b"".join(self._open)
        is_too_long = self._open_bytes > self._limit + 4
        self._open, self._open_bytes = [], 0
        return Oversized(whole) if is_too_long else whole

    def next(self) -> Optional[Found]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if self._is_first:
                self._is_first = False
                line = _without_mark(line)
            if isinstance(line, Oversized):
                return line
            if line[-1:] == b"\r":
                line = line[:-1]
            if len(line) > self._limit:
                return Oversized(line[:HEAD])
            if line[:1] in BLANK_STARTS and not line.strip(b" \t"):
                continue
            return line
        return None

    def end(self) -> bool:
        """At the end of the input: true when that made a frame of what has come, a last line without 0x0A."""
        is_line = self.finish()
        if is_line:
            self.push(b"\n")
        return is_line

    def finish(self) -> bool:
        """At the end of the input: whether a part of a frame is left."""
        return any(part.strip(BLANKS) for part in self._open)


def _without_mark(line: Found) -> Found:
    if isinstance(line, Oversized):
        return Oversized(line.head[3:]) if line.head.startswith(MARK) else line
    return line[3:] if line.startswith(MARK) else line


class SizedDecoder:
    """Frames whose length is said before them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._parts: List[bytes] = []
        self._missing = 0
        """Bytes that have not come yet of the frame that is being read; 0 between frames."""
        self._is_skipping = False

    def header(self) -> Optional[int]:
        """The length of the next frame, once it is known; moves `_at` behind it."""
        raise NotImplementedError

    def push(self, chunk: bytes) -> None:
        if self._missing > 0:
            part = chunk[: self._missing] if len(chunk) > self._missing else chunk
            self._missing -= len(part)
            self._keep(part)
            chunk = chunk[len(part) :]
        # What was not taken yet stands before what has come.
        self._buffer = self._buffer[self._at :] + chunk if self._at < len(self._buffer) else chunk
        self._at = 0

    def _keep(self, part: bytes) -> None:
        if not self._is_skipping:
            self._parts.append(part)
        elif len(self._parts[0]) < HEAD:
            self._parts = [(self._parts[0] + part)[:HEAD]]

    def next(self) -> Optional[Found]:
        if self._missing > 0:
            return None
        if self._parts:
            whole = b"".join(self._parts)
            found = Oversized(whole) if self._is_skipping else whole
            self._parts, self._is_skipping = [], False
            return found
        length = self.header()
        if length is None:
            return None
        at, end = self._at, self._at + length
        there = self._buffer[at:end] if length <= self._limit else self._buffer[at : min(end, at + HEAD)]
        if end <= len(self._buffer):
            self._at = end
            return there if length <= self._limit else Oversized(there)
        self._missing = end - len(self._buffer)
        self._is_skipping = length > self._limit
        self._parts = [there]
        self._buffer, self._at = b"", 0
        return None

    def end(self) -> bool:
        return False

    def finish(self) -> bool:
        return self._missing > 0 or self._at < len(self._buffer)


class LengthDecoder(SizedDecoder):
    """A 4-byte big-endian length, then so many bytes."""

    def header(self) -> Optional[int]:
        at = self._at
        if len(self._buffer) - at < 4:
            return None
        self._at = at + 4
        return int.from_bytes(self._buffer[at : at + 4], "big")


class ContentLengthDecoder(SizedDecoder):
    """Header lines, a blank line, the frame. Read strictly: a wrong guess about a boundary can't be mended."""

    def header(self) -> Optional[int]:
        buffer, at = self._buffer, self._at
        length: Optional[int] = None
        while True:
            end = buffer.find(b"\n", at, self._at + HEADER_LIMIT)
            if end < 0:
                break
            if end == at or buffer[end - 1] != 0x0D:
                raise FrameError(f"a header line does not end with CR LF: {_shown(buffer[at:end])}")
            line = buffer[at : end - 1]
            at = end + 1
            if not line:
                if length is None:
                    raise FrameError("a header block has no Content-Length")
                self._at = at
                return length
            length = _read_line(line, length)
        if len(buffer) - self._at > HEADER_LIMIT:
            raise FrameError(f"a header block is longer than {HEADER_LIMIT} bytes")
        return None


def _read_line(line: bytes, length: Optional[int]) -> Optional[int]:
    name, colon, value = line.partition(b":")
    if not colon:
        raise FrameError(f"a header line has no colon: {_shown(line)}")
    is_name = name and all(0x21 <= byte <= 0x7E for byte in name)
    if not is_name or not all(byte == 9 or 0x20 <= byte <= 0x7E for byte in value):
        raise FrameError(f"a header line cannot be read: {_shown(line)}")
    name, value = name.lower(), value.strip(b" \t")
    if name == b"content-length":
        if length is not None:
            raise FrameError("Content-Length is given twice")
        if not 1 <= len(value) <= 10 or not value.isdigit():
            raise FrameError(f"Content-Length is not a number of bytes: {_shown(value)}")
        return int(value)
    if name == b"content-type" and not _is_utf8(value.decode("ascii").lower()):
        raise FrameError(f"the charset is not UTF-8: {_shown(value)}")
    return length


def _is_utf8(content_type: str) -> bool:
    for parameter in content_type.split(";")[1:]:
        name, equals, value = parameter.partition("=")
        if equals and name.strip() == "charset":
            return value.strip().strip('"') in ("utf-8", "utf8")
    return True


def _shown(text: bytes) -> str:
    return repr(text[:60])[1:]


Decoder = Union[LineDecoder, LengthDecoder, ContentLengthDecoder]


def frame_line(payload: bytes) -> bytes:
    return payload + b"\n"


def frame_length(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def frame_content_length(payload: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(payload), payload)


DECODERS: Dict[str, Callable[[int], Decoder]] = {
    "line": LineDecoder,
    "length": LengthDecoder,
    "content-length": ContentLengthDecoder,
}
FRAMERS: Dict[str, Callable[[bytes], bytes]] = {
    "line": frame_line,
    "length": frame_length,
    "content-length": frame_content_length,
}
