"""What one writes for speed alone: no errors, no cancels, no threads. All answers to what a read brought leave in one write."""

import json
import os

METHODS = {"add": lambda a, b: a + b}
rest = b""
while True:
    chunk = os.read(0, 65536)
    if not chunk:
        break
    *lines, rest = (rest + chunk).split(b"\n")
    answers = []
    for line in lines:
        message = json.loads(line)
        if "id" in message:
            result = METHODS[message["method"]](**message["params"])
            answers.append(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}))
    if answers:
        os.write(1, ("\n".join(answers) + "\n").encode())
