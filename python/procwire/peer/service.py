"""What a reader hands requests and notifications to: the methods of one side."""

from typing import Any, Dict, List, Optional, Protocol

from .call import Call


class Service(Protocol):
    """Serves the methods of this side."""

    serves: bool
    """Started to serve, rather than to call."""

    def find(self, method: str) -> Optional[Any]:
        """The method, if there is one; it says `is_stream`."""

    def bind(self, method: Any, params: Any) -> Any:
        """The arguments; raises RpcError when they don't fit."""

    def start(self, method: Any, arguments: Any, call: Call, size: int) -> bool:
        """Runs it, or has it run; false when there is no room for it."""

    def hear(self, method: str, params: Any, size: int) -> None:
        """A notification."""

    def list(self) -> List[Dict[str, Any]]:
        """What `rpc.discover` answers."""

    def noise(self, size: int) -> None:
        """So many bytes came that are no message, and are not answered."""

    def shutdown(self) -> None:
        """The other side says goodbye."""

    def ended(self, reason: Optional[Exception]) -> None:
        """There is nothing more to read."""
