"""A child process, its start, its group and its end."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..errors import ChannelError
from ..link.group import VARIABLE

ON_POSIX = os.name == "posix"


class Child:
    """The worker leads a process group of its own, and whatever ends the worker ends the group."""

    def __init__(
        self, command: Sequence[str], cwd: Optional[str], env: Optional[Mapping[str, str]], stderr: str, tail: int
    ) -> None:
        environment: Dict[str, str] = {**os.environ, **(env or {})}
        options: Dict[str, Any] = {}
        if ON_POSIX:
            environment[VARIABLE] = "1"
            options["start_new_session"] = True
        elif sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=environment,
                bufsize=0,
                **options,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            words = f"{command[0] if command else 'the empty command'} could not be started: {error}"
            raise ChannelError("SPAWN_FAILED", words, delivery="not-sent") from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._inherits = stderr == "inherit"
        self._tail_bytes = tail
        self._tail: List[bytes] = []
        self._tail_size = 0
        self._ended = threading.Event()
        self._stderr_ended = threading.Event()
        _alive.add(self)
        threading.Thread(target=self._read_stderr, name="procwire-stderr", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self) -> bytes:
        return os.read(self._stdout.fileno(), 256 * 1024)

    def write(self, data: memoryview) -> int:
        return os.write(self._stdin.fileno(), data)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            while True:
                try:
                    chunk = os.read(pipe.fileno(), 64 * 1024)
                except OSError:
                    chunk = b""
                if not chunk:
                    break
                if self._inherits:
                    _say(chunk)
                self._keep(chunk)
        self._stderr_ended.set()

    def _keep(self, chunk: bytes) -> None:
        self._tail.append(chunk[-self._tail_bytes :] if self._tail_bytes else b"")
        self._tail_size += len(self._tail[-1])
        while self._tail_size - len(self._tail[0]) >= self._tail_bytes and len(self._tail) > 1:
            self._tail_size -= len(self._tail.pop(0))

    @property
    def stderr(self) -> str:
        return b"".join(list(self._tail))[-self._tail_bytes :].decode("utf-8", "replace") if self._tail_bytes else ""

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Whether it has exited; what is left of its group is killed then."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        if not self._ended.is_set():
            self._ended.set()
            _alive.discard(self)
            self._signal_group(getattr(signal, "SIGKILL", signal.SIGTERM))
            self._stderr_ended.wait(0.2)  # a process that has left the group can hold it for ever
        return True

    def how_it_ended(self) -> ChannelError:
        code = self._process.returncode
        name = _signal_name(-code) if code is not None and code < 0 else None
        how = f"by {name}" if name is not None else f"with code {code}"
        tail = self.stderr
        last = tail.strip().rsplit("\n", 1)[-1][:200]
        words = f"The worker exited {how}" + (f": {last}" if last else "")
        return ChannelError(
            "WORKER_EXITED", words, exit_code=code if name is None else None, signal=name, stderr=tail
        )

    def end_input(self) -> None:
        try:
            self._stdin.close()
        except OSError:
            pass  # it is gone already

    def close_output(self) -> None:
        try:
            self._stdout.close()
        except OSError:
            pass

    def terminate(self) -> None:
        if ON_POSIX:
            self._signal_group(signal.SIGTERM)
        else:
            self._kill_tree()

    def kill(self) -> None:
        if ON_POSIX:
            self._signal_group(signal.SIGKILL)
        else:
            self._kill_tree()

    def _signal_group(self, number: int) -> None:
        if not ON_POSIX:
            return
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # nothing is left of it

    def _kill_tree(self) -> None:
        """Windows has neither signals nor groups."""
        subprocess.run(
            ["taskkill", "/t", "/f", "/pid", str(self._process.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )

    def end(self, grace: float, term: float) -> None:
        """Waits for its exit, at first, then with SIGTERM, then with SIGKILL."""
        if self.wait(grace):
            return
        self.terminate()
        if not self.wait(term):
            self.kill()
            self.wait(0.5)


_alive: "weakref.WeakSet[Child]" = weakref.WeakSet()


def _kill_all() -> None:
    """When this process exits there is no time to ask."""
    for child in list(_alive):
        child.kill()


atexit.register(_kill_all)


def _say(chunk: bytes) -> None:
    try:
        os.write(2, chunk)
    except OSError:
        pass


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def monotonic_until(timeout: Optional[float]) -> Optional[float]:
    return None if timeout is None else time.monotonic() + timeout
