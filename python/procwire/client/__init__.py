"""The side that starts a worker, and calls it."""

from .aio import AsyncChannel
from .channel import Channel

__all__ = ["AsyncChannel", "Channel"]
