"""A line on stderr, whatever has become of it."""

import os


def report(text: str) -> None:
    try:
        os.write(2, f"procwire: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # nobody reads it: there is no other place to say so
