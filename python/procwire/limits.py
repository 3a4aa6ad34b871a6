"""Every bound of a worker and of a channel, in one place."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds that hold whatever the other side sends. Bytes, numbers, and seconds."""

    message_bytes: int = 64 * MIB
    """One frame, in and out, checked before memory is taken."""
    depth: int = 128
    """Nesting of arrays and objects in one message."""
    batch: int = 1_000
    """Messages in one array."""
    in_flight: int = 65_536
    """Requests that may be open at once, in each direction."""
    queued: int = 1_024
    """Requests that may wait for a thread."""
    queued_bytes: int = 64 * MIB
    """Bytes of requests that may wait for a thread."""
    outbox_bytes: int = 64 * MIB
    """Bytes that the other side has not read, above which requests are refused as busy. At twice this reading pauses."""
    input_bytes: int = 64 * MIB
    """Bytes of the inputs of one call, or of the items of one stream, that may wait to be read."""
    stream_window: int = 1_024
    """Items of a stream that may be on their way or wait, while they are small."""
    queued_notifications: int = 1_024
    """Notifications that may wait for a channel's handlers; the oldest go first."""
    noise_bytes: int = 256 * 1024
    """Text on a worker's stdout that is no message, per minute, above which a channel ends."""
    stderr_bytes: int = 64 * 1024
    """The end of a worker's stderr that a channel keeps."""
    grace: float = 5.0
    """Seconds a worker may live after the end of its input, for requests to finish and answers to leave."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            wrong = isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0
            if wrong or (name not in ("grace",) and not isinstance(value, int)):
                raise ValueError(f"the limit {name} must be a number that is not negative, not {value!r}")
