"""JSON-RPC 2.0 over a child process's stdin and stdout: write workers, and call them.

    from procwire import Worker

    worker = Worker()

    @worker.method
    def add(a, b):
        return a + b

    worker.run()
"""

from .client import AsyncChannel, Channel
from .errors import Cancelled, ChannelError, RpcError
from .limits import Limits
from .worker import AsyncContext, Context, Worker

__version__ = "0.1.0"
__all__ = [
    "AsyncChannel",
    "AsyncContext",
    "Cancelled",
    "Channel",
    "ChannelError",
    "Context",
    "Limits",
    "RpcError",
    "Worker",
]
