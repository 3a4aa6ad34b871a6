"""The JSON-RPC meaning of one decoded value, whatever codec it came in."""

from typing import Any, Dict, NamedTuple, Optional


class Peeked(NamedTuple):
    """What can be told of a message that can't be read, or of which only the head was kept."""

    key: Optional[bytes]
    is_answer: Optional[bool]
    """None where that can't be told."""


INVALID = "invalid"
UNREADABLE = "unreadable"
OVERSIZED = "oversized"


def is_answered(kind: str, has_id: bool, is_answer: Optional[bool], serves: bool) -> bool:
    """What is not quite a message, and whether it is answered: the rows of test/vectors/misfits.json."""
    if is_answer:
        return False
    if kind == OVERSIZED:
        if is_answer is None:
            return serves
        return has_id
    if kind == UNREADABLE:
        return serves
    return serves or has_id


def ends_link(kind: str, has_id: bool, is_answer: Optional[bool], serves: bool) -> bool:
    """A frame above the limit that may be the answer to any request: the side that calls can't go on."""
    if serves or kind != OVERSIZED:
        return False
    return is_answer is None or (is_answer and not has_id)


def is_response(message: Dict[str, Any]) -> bool:
    return "method" not in message and ("result" in message or "error" in message)


def problem_of(message: Dict[str, Any], has_bad_id: bool) -> Optional[str]:
    """What is wrong about a call."""
    if has_bad_id:
        return "id must be a string, a number or null"
    if message.get("jsonrpc") != "2.0" or not isinstance(message["jsonrpc"], str):
        return 'jsonrpc must be "2.0"'
    if "method" not in message:
        return "method is missing"
    if type(message["method"]) is not str:
        return "method must be a string"
    if "params" in message and type(message["params"]) is not dict and type(message["params"]) is not list:
        return "params must be an object or an array"
    return None


def problem_of_response(message: Dict[str, Any], has_key: bool) -> Optional[str]:
    """What is wrong about an answer."""
    if not has_key:
        return "an answer without an id"
    if ("result" in message) == ("error" in message):
        return "neither a result nor an error, or both"
    if message.get("jsonrpc") != "2.0":
        return 'jsonrpc must be "2.0"'
    error = message.get("error")
    if "error" in message and (
        type(error) is not dict or type(error.get("code")) is not int or type(error.get("message")) is not str
    ):
        return "an error must be an object with a whole number as its code and a string as its message"
    return None
