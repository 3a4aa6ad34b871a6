"""The process group that a parent makes of its worker and all the worker starts, so that nothing of it outlives them."""

import os
import signal
import time

VARIABLE = "PROCWIRE_GROUP"
PARENT_VARIABLE = "PROCWIRE_PARENT"
"""The process id of that parent, which may be gone before the worker can look."""
ADOPTION = 0.25
"""A parent that dies closes its files shortly before its children get another parent."""


class Family:
    """Whose child this process is, to be asked while the parent lives."""

    def __init__(self) -> None:
        given = os.environ.pop(VARIABLE, None)
        maker = os.environ.pop(PARENT_VARIABLE, "")
        self._parent = os.getppid() if os.name == "posix" else None
        # Processes that only inherit the variable don't lead a group.
        self._leads = given == "1" and os.name == "posix" and os.getpgrp() == os.getpid()
        # The parent that was, if it is another one now. One that has inherited the variable has another one, too, and
        # then it lives.
        is_former = self._leads and maker.isascii() and maker.isdigit() and int(maker) != self._parent
        self._former = int(maker) if is_former else None

    @property
    def is_orphan(self) -> bool:
        if self._parent is None:
            return False
        return os.getppid() != self._parent or (self._former is not None and not _is_running(self._former))

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


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
