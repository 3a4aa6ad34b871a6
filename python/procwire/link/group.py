"""The process group that a parent makes of its worker and all the worker starts, so that nothing of it outlives them."""

import os
import signal
import time

VARIABLE = "PROCWIRE_GROUP"
ADOPTION = 0.25
"""A parent that dies closes its files shortly before its children get another parent."""


class Family:
    """Whose child this process is, to be asked while the parent lives."""

    def __init__(self) -> None:
        given = os.environ.pop(VARIABLE, None)
        self._parent = os.getppid() if os.name == "posix" else None
        # Processes that only inherit the variable don't lead a group.
        self._leads = given == "1" and os.name == "posix" and os.getpgrp() == os.getpid()

    @property
    def is_orphan(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def wait_for_adoption(self) -> None:
        """After an end of input that may be the first sign of the parent's death."""
        until = time.monotonic() + ADOPTION
        while self._leads and not self.is_orphan and time.monotonic() < until:
            time.sleep(0.002)

    def sweep_if_orphan(self) -> None:
        """The last act of a worker whose parent is gone: kills its group, and with it itself. A parent that lives does
        so after the worker's exit, which it wants to see."""
        if os.name == "posix" and self._leads and self.is_orphan:
            os.killpg(os.getpgrp(), signal.SIGKILL)
