"""Reads a CSV file: its rows as a stream, and a summary of one column."""

import csv
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "python"))  # in a project of yours, procwire is installed
from procwire import RpcError, Worker  # noqa: E402

worker = Worker()


def rows_of(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
    except FileNotFoundError:
        raise RpcError(1, f"there is no file {path}") from None


@worker.method
def rows(path, context):
    """The rows, one after the other, as fast as the caller takes them."""
    count = 0
    for row in rows_of(path):
        count += 1
        yield {**row, "celsius": float(row["celsius"])}
    return count


@worker.method
def summary(path, column, context):
    values = []
    for row in rows_of(path):
        context.check()  # ends here once the caller has cancelled
        values.append(float(row[column]))
    return {"count": len(values), "mean": round(statistics.fmean(values), 2), "max": max(values)}


@worker.method
def forget():
    print("this goes to stderr: stdout belongs to the protocol")
    raise LookupError("nothing was ever remembered")


worker.run()
