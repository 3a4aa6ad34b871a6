"""The answers of one batch, gathered until the last has come."""

from typing import List

EXCUSE = 192
"""Bytes of an error that says why an answer is not in the batch, besides its id."""


class Batch:
    """Used under the session's lock."""

    def __init__(self, open_answers: int, limit: int) -> None:
        self.answers: List[bytes] = []
        self._open = open_answers
        self._room = limit - 8

    def fits(self, size: int, excuse: int) -> bool:
        """Whether an answer leaves room for an error in the place of each that is still to come."""
        return size + 1 <= self._room - (self._open - 1) * (EXCUSE + excuse)

    def add(self, answer: bytes) -> bool:
        """True when it was the last."""
        self.answers.append(answer)
        self._room -= len(answer) + 1
        self._open -= 1
        return self._open == 0
