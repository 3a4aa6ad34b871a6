"""A program that serves methods."""

from .context import AsyncContext, Context
from .worker import Worker

__all__ = ["AsyncContext", "Context", "Worker"]
