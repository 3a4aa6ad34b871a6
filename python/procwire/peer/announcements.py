"""What a caller says about a request before it sends the request itself."""

from typing import Dict

MOST = 1024
LONGEST_ID = 1024


class Announced:
    __slots__ = ("credit", "has_input", "input_ended")

    def __init__(self) -> None:
        self.credit = 0
        """How many items of a streamed answer the caller takes; 0 when it wants none."""
        self.has_input = False
        self.input_ended = False


NOTHING = Announced()


class Announcements:
    """Those of requests that never come must not fill the memory: the oldest go first."""

    def __init__(self) -> None:
        self._by_key: Dict[bytes, Announced] = {}

    def note(self, key: bytes) -> Announced:
        found = self._by_key.get(key)
        if found is not None:
            return found
        announced = Announced()
        if len(key) <= LONGEST_ID:
            if len(self._by_key) >= MOST:
                del self._by_key[next(iter(self._by_key))]
            self._by_key[key] = announced
        return announced

    def amend_ended(self, key: bytes) -> None:
        found = self._by_key.get(key)
        if found is not None:
            found.input_ended = True

    def take(self, key: bytes) -> Announced:
        return self._by_key.pop(key, NOTHING) if self._by_key else NOTHING
