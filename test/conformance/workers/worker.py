"""The methods of the conformance sessions, in Python: see ../README.md."""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "python"))
from procwire import RpcError, Worker  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--framing", default="line")
parser.add_argument("--codec", default="json")
parser.add_argument("--threads", type=int)
options = parser.parse_args()
worker = Worker(framing=options.framing, codec=options.codec, threads=options.threads)


@worker.method
def add(a, b):
    if any(isinstance(each, bool) or not isinstance(each, (int, float)) for each in (a, b)):
        raise RpcError(-32602, "Invalid params: a and b must be numbers")
    return a + b


@worker.method
def echo(message):
    return message


@worker.method
def wait(context):
    """Runs until it is cancelled."""
    while not context.cancelled:
        time.sleep(0.001)


@worker.method
def compute(ms):
    """Computes for so long, without a look at anything else."""
    until = time.monotonic() + ms / 1000
    while time.monotonic() < until:
        sum(range(100))
    return ms


@worker.method
def fail(code, message, data=None):
    raise RpcError(code, message, data)


@worker.method
def crash():
    raise ValueError("the handler failed")


@worker.method
def count(to):
    for number in range(to):
        yield number
    return to


@worker.method
def total(context):
    return sum(context.input)


@worker.method
def steps(n, context):
    for step in range(1, n + 1):
        context.progress(step)
    return n


@worker.method
def ask(method, params, context):
    return context.request(method, params)


@worker.method
def tell(method, params, context):
    context.notify(method, params)


@worker.method("print")
def print_text(text):
    print(text)


worker.run()
