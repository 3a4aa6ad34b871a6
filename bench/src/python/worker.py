"""The worker of this library: python worker.py PACKAGE_FOLDER."""

import sys

sys.path.insert(0, sys.argv[1])
from procwire import Worker  # noqa: E402

worker = Worker()


@worker.method
def add(a, b):
    return a + b


@worker.method
def compute(context):
    while not context.cancelled:
        for _ in range(1_000):
            pass


worker.run()
