"""What a codec is; there are two."""

from typing import Union

from .json_codec import JsonCodec
from .msgpack_codec import MessagePackCodec

Codec = Union[JsonCodec, MessagePackCodec]


def make_codec(name: str, framing: str, max_depth: int) -> Codec:
    if name == "json":
        return JsonCodec(max_depth)
    if name != "msgpack":
        raise ValueError(f'the codec must be "json" or "msgpack", not {name!r}')
    if framing == "line":
        raise ValueError('MessagePack contains line feeds: choose the framing "length" or "content-length"')
    return MessagePackCodec(max_depth)
