"""A worker that needs nothing but Python: see docs/protocol.md."""

import json
import math
import sys

METHODS = {"factorial": math.factorial}


def answer(method, params):
    if method not in METHODS:
        return {"error": {"code": -32601, "message": f"Method not found: {method}"}}
    try:
        return {"result": METHODS[method](*params)}
    except Exception as error:
        return {"error": {"code": -32603, "message": str(error)}}


for line in sys.stdin.buffer:
    message = json.loads(line)
    if message.get("method") == "shutdown":
        break
    if "method" in message and "id" in message:
        reply = {"jsonrpc": "2.0", "id": message["id"], **answer(message["method"], message.get("params", []))}
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()
