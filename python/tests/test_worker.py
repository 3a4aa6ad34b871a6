"""What a worker promises, seen from its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from typing import Any, Callable, List

from procwire import Limits, RpcError, Worker
from procwire.peer.crew import Crew
from procwire.peer.heard import Heard
from procwire.peer.session import Session
from procwire.wire.codec import make_codec

from .support import CONFORMANCE, Started, is_alive, wait_for

ON_POSIX = os.name == "posix"


def program(body: str, options: str = "") -> str:
    return f"import asyncio, os, sys, threading, time\nfrom procwire import *\nworker = Worker({options})\n{body}\nworker.run()\n"


BUSY = """
@worker.method
def compute(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until: pass
    return seconds
@worker.method
def obey(context):
    while not context.cancelled: pass
    sys.stderr.write("STOPPED\\n")
@worker.method
def add(a, b): return a + b
"""


class Requests(unittest.TestCase):
    def test_params_fit_by_name_and_by_position_and_what_does_not_is_told_by_name(self) -> None:
        with Started(
            program(
                """
@worker.method
def scale(value, by=2, *, digits=0): return round(value * by, digits) if digits else value * by
@worker.method
def first(context, a): return a
@worker.method
def none(): return None
@worker.method
def any_of(*values, **named): return [list(values), named]
"""
            )
        ) as worker:
            for method, params, expected in [
                ("scale", {"value": 4}, 8),
                ("scale", [4, 3], 12),
                ("scale", {"value": 1.234, "by": 1, "digits": 1}, 1.2),
                ("first", [7], 7),
                ("first", {"a": 7}, 7),
                ("none", None, None),
                ("none", {}, None),
                ("any_of", [1, 2], [[1, 2], {}]),
                ("any_of", {"context": 1}, [[], {"context": 1}]),
                ("scale", {}, "value is missing"),
                ("scale", {"value": 1, "more": 2}, "there is no parameter 'more'"),
                ("scale", [1, 2, 3], "takes at most 2 parameters, not 3"),
                ("scale", [], "value is missing"),
                ("first", {"a": 1, "context": 2}, "there is no parameter 'context'"),
                ("first", [1, 2], "takes at most 1 parameter, not 2"),
                ("none", [1], "takes no parameters, not 1"),
            ]:
                worker.request(1, method, params)
                answer = worker.next()
                if isinstance(expected, str):
                    self.assertEqual(answer["error"]["code"], -32602)
                    self.assertIn(expected, answer["error"]["message"])
                else:
                    self.assertEqual(answer["result"], expected, (method, params))

    def test_what_a_handler_raises_is_answered_and_the_worker_lives(self) -> None:
        with Started(
            program(
                """
class Bad(Exception):
    def __str__(self): raise RuntimeError("no words")
@worker.method
def choose(): raise RpcError(-5, "no", {"why": [1]})
@worker.method
def plain(): raise KeyError("k")
@worker.method
def leave(): sys.exit(3)
@worker.method
def interrupt(): raise KeyboardInterrupt()
@worker.method
def mute(): raise Bad()
@worker.method
def strange(): return object()
@worker.method
def nan(): return float("nan")
@worker.method
def loop():
    a = []; a.append(a); return a
@worker.method
def bad_data(): raise RpcError(1, "m", object())
@worker.method
async def leave_async(): sys.exit(3)
@worker.method
async def plain_async(): raise KeyError("k")
@worker.method
def hello(): return "hi"
"""
            )
        ) as worker:
            for method, code, data in [
                ("choose", -5, {"why": [1]}),
                ("plain", -32603, {"type": "KeyError"}),
                ("leave", -32603, {"type": "SystemExit"}),
                ("interrupt", -32603, {"type": "KeyboardInterrupt"}),
                ("mute", -32603, {"type": "Bad"}),
                ("strange", -32603, None),
                ("nan", -32603, None),
                ("loop", -32603, None),
                ("bad_data", -32603, None),
                ("leave_async", -32603, {"type": "SystemExit"}),
                ("plain_async", -32603, {"type": "KeyError"}),
            ]:
                worker.request(method, method)
                answer = worker.next()
                self.assertEqual((answer["id"], answer["error"]["code"]), (method, code), answer)
                self.assertEqual(answer["error"].get("data"), data)
            worker.request(1, "hello")
            self.assertEqual(worker.next()["result"], "hi")
            worker.end_input()
            self.assertEqual(worker.wait(), 0)
            self.assertIn(b"KeyError: 'k'", worker.stderr)
            self.assertNotIn(b"RpcError", worker.stderr)

    def test_what_is_printed_goes_to_stderr_whoever_prints_it(self) -> None:
        body = """
print("before")
@worker.method
def noisy():
    print("from python")
    os.write(1, b"from a descriptor\\n")
    os.system("echo from a child")
    return input("question") if False else sys.stdin.read()
"""
        with Started(program(body), env={"PYTHONUNBUFFERED": ""}) as worker:
            worker.request(1, "noisy")
            self.assertEqual(worker.next(), {"jsonrpc": "2.0", "id": 1, "result": ""})
            worker.end_input()
            worker.wait()
            self.assertEqual(len(worker.raw), 1)
            for text in (b"before", b"from python", b"from a descriptor", b"from a child"):
                self.assertIn(text, worker.stderr)

    def test_requests_overlap_on_threads_and_a_blocked_one_holds_up_nobody(self) -> None:
        body = """
gate = threading.Event()
@worker.method
def wait(): gate.wait(); return "waited"
@worker.method
def open(): gate.set(); return "opened"
"""
        with Started(program(body, "threads=8")) as worker:
            # All in one chunk: what waits in it is handled by others.
            worker.send(*[{"jsonrpc": "2.0", "id": n, "method": "wait"} for n in range(5)], {"jsonrpc": "2.0", "id": "o", "method": "open"})
            answers = sorted(str(worker.next()["id"]) for _ in range(6))
            self.assertEqual(answers, ["0", "1", "2", "3", "4", "o"])

    def test_of_a_batch_one_request_may_wait_for_another(self) -> None:
        body = """
gate = threading.Event()
@worker.method
def wait(): gate.wait(); return "waited"
@worker.method
def open(): gate.set(); return "opened"
"""
        with Started(program(body)) as worker:
            worker.send([{"jsonrpc": "2.0", "id": 1, "method": "wait"}, {"jsonrpc": "2.0", "id": 2, "method": "open"}])
            self.assertEqual({each["id"]: each["result"] for each in worker.next()}, {1: "waited", 2: "opened"})

    def test_with_one_thread_they_run_one_after_the_other_in_order(self) -> None:
        body = """
running = []
@worker.method
def step(n):
    running.append(n); time.sleep(0.02); assert running == [n]; running.clear(); return n
"""
        with Started(program(body, "threads=1")) as worker:
            worker.send(*[{"jsonrpc": "2.0", "id": n, "method": "step", "params": [n]} for n in range(8)])
            self.assertEqual([worker.next()["result"] for _ in range(8)], list(range(8)))

    def test_too_many_that_wait_for_a_thread_are_refused_as_busy(self) -> None:
        with Started(program(BUSY, "threads=1, limits=Limits(queued=2)")) as worker:
            for number in range(6):
                worker.request(number, "obey")
            refused = [worker.next() for _ in range(3)]
            self.assertEqual({each["error"]["code"] for each in refused}, {-32000})
            for number in range(6):
                worker.notify("$/cancelRequest", {"id": number})
            self.assertEqual({worker.next()["error"]["code"] for _ in range(3)}, {-32800})

    def test_async_handlers_overlap_and_are_cancelled_where_they_wait(self) -> None:
        body = """
@worker.method
async def nap(seconds): await asyncio.sleep(seconds); return seconds
@worker.method
async def endless():
    try: await asyncio.Event().wait()
    finally: sys.stderr.write("LEFT\\n"); sys.stderr.flush()
@worker.method
async def count(n):
    for i in range(n): yield i
@worker.method
async def total(context): return sum([item async for item in context.input])
@worker.method
async def ask(context): return await context.request("question", {"n": 1})
"""
        with Started(program(body)) as worker:
            worker.request(1, "nap", [0.3])
            worker.request(2, "nap", [0.01])
            worker.request(3, "endless")
            self.assertEqual(worker.next()["id"], 2)
            worker.notify("$/cancelRequest", {"id": 3})
            self.assertEqual(worker.next()["error"]["code"], -32800)
            self.assertEqual(worker.next()["id"], 1)
            wait_for(lambda: b"LEFT" in worker.stderr)
            worker.notify("$/stream/pull", {"id": 4, "count": 2})
            worker.request(4, "count", [3])
            items = worker.next()["params"]["items"]
            while len(items) < 2:
                items += worker.next()["params"]["items"]
            worker.notify("$/stream/pull", {"id": 4, "count": 5})
            self.assertEqual(worker.next()["params"]["items"], [2])
            self.assertEqual(worker.next(), {"jsonrpc": "2.0", "id": 4, "result": None})
            worker.request(5, "ask")
            question = worker.next()
            self.assertEqual((question["method"], question["params"]), ("question", {"n": 1}))
            worker.send({"jsonrpc": "2.0", "id": question["id"], "result": "answer"})
            self.assertEqual(worker.next()["result"], "answer")
            worker.notify("$/input/open", {"id": 6})
            worker.request(6, "total")
            pull = worker.next()
            self.assertEqual((pull["method"], pull["params"]), ("$/input/pull", {"id": 6, "count": 1}))
            worker.notify("$/input/items", {"id": 6, "items": [5]})
            worker.notify("$/input/end", {"id": 6})
            answer = worker.next()
            self.assertEqual((answer if "result" in answer else worker.next())["result"], 5)

    def test_a_deadline_is_answered_when_it_is_up_and_the_handler_hears_of_it(self) -> None:
        body = """
@worker.method(deadline=0.1)
def slow(context):
    while not context.cancelled: time.sleep(0.001)
    sys.stderr.write("HEARD\\n"); sys.stderr.flush()
@worker.method("quick", deadline=5)
def named(context): return context.remaining > 1
"""
        with Started(program(body)) as worker:
            worker.request(1, "slow")
            self.assertEqual(worker.next()["error"]["code"], -32001)
            wait_for(lambda: b"HEARD" in worker.stderr)
            worker.request(2, "quick")
            self.assertIs(worker.next()["result"], True)


class WhileItComputes(unittest.TestCase):
    def test_a_ping_is_answered_and_a_cancel_is_heard(self) -> None:
        with Started(program(BUSY)) as worker:
            worker.request(1, "obey")
            worker.request(2, "$/ping")
            self.assertEqual(worker.next(), {"jsonrpc": "2.0", "id": 2, "result": None})
            worker.request(3, "add", [1, 2])
            self.assertEqual(worker.next()["result"], 3)
            worker.notify("$/cancelRequest", {"id": 1})
            self.assertEqual(worker.next()["error"]["code"], -32800)
            wait_for(lambda: b"STOPPED" in worker.stderr)

    def test_a_ping_is_answered_while_many_threads_compute(self) -> None:
        with Started(program(BUSY, "threads=6")) as worker:
            for number in range(6):
                worker.request(number, "obey")
            worker.request("p", "$/ping")
            self.assertEqual(worker.next()["id"], "p")

    def test_what_was_answered_before_it_leaves_although_it_computes_on(self) -> None:
        with Started(program(BUSY)) as worker:
            worker.send(
                {"jsonrpc": "2.0", "id": 1, "method": "add", "params": [1, 2]},
                {"jsonrpc": "2.0", "id": 2, "method": "obey"},
            )
            self.assertEqual(worker.next()["result"], 3)


class Streams(unittest.TestCase):
    BODY = """
made = []
@worker.method
def count(n):
    try:
        for i in range(n): made.append(i); yield i
    finally: sys.stderr.write("CLOSED\\n"); sys.stderr.flush()
    return "end"
@worker.method
def by_hand(context):
    for i in range(3): context.stream(i)
    return "done"
@worker.method
def how_many(): return len(made)
@worker.method
def slowly():
    yield 1
    time.sleep(30)
@worker.method
def total(context): return sum(context.input)
@worker.method
def progress(context):
    for i in range(1000): context.progress(i)
    return "p"
"""

    def test_never_more_items_are_made_than_were_asked_for_and_one(self) -> None:
        with Started(program(self.BODY)) as worker:
            worker.notify("$/stream/pull", {"id": 1, "count": 3})
            worker.request(1, "count", [100])
            items: Any = []
            while len(items) < 3:
                items += worker.next()["params"]["items"]
            self.assertEqual(items, [0, 1, 2])
            worker.request(2, "how_many")
            self.assertLessEqual(worker.next()["result"], 4)
            worker.notify("$/cancelRequest", {"id": 1})
            self.assertEqual(worker.next(), {"jsonrpc": "2.0", "id": 1, "error": {"code": -32800, "message": "Request cancelled"}})
            wait_for(lambda: b"CLOSED" in worker.stderr)

    def test_a_stream_that_nobody_asked_for_is_refused(self) -> None:
        with Started(program(self.BODY)) as worker:
            for method, params in (("count", [1]), ("by_hand", None)):
                worker.request(1, method, params)
                self.assertEqual(worker.next()["error"]["code"], -32600)

    def test_items_sent_by_hand_come_before_the_result(self) -> None:
        with Started(program(self.BODY)) as worker:
            worker.notify("$/stream/pull", {"id": 1, "count": 100})
            worker.request(1, "by_hand")
            items: Any = []
            answer = worker.next()
            while "method" in answer:
                items += answer["params"]["items"]
                answer = worker.next()
            self.assertEqual((items, answer["result"]), ([0, 1, 2], "done"))

    def test_an_item_leaves_although_the_next_one_takes_long(self) -> None:
        with Started(program(self.BODY)) as worker:
            worker.notify("$/stream/pull", {"id": 1, "count": 100})
            worker.request(1, "slowly")
            self.assertEqual(worker.next()["params"]["items"], [1])

    def test_the_last_progress_is_always_told_and_before_the_answer(self) -> None:
        with Started(program(self.BODY)) as worker:
            worker.request("t", "progress")
            told = [worker.next()]
            while "method" in told[-1]:
                told.append(worker.next())
            self.assertEqual(told[-1]["result"], "p")
            self.assertEqual(told[-2]["params"], {"token": "t", "value": 999})
            self.assertLess(len(told), 100)

    def test_inputs_that_were_not_asked_for_fail_the_request(self) -> None:
        with Started(program(self.BODY)) as worker:
            worker.notify("$/input/open", {"id": 1})
            worker.request(1, "total")
            self.assertEqual(worker.next()["method"], "$/input/pull")
            worker.notify("$/input/items", {"id": 1, "items": [1, 2, 3]})
            self.assertEqual(worker.next()["error"]["code"], -32600)


class TheEnd(unittest.TestCase):
    def test_at_the_end_of_input_open_requests_are_finished_and_it_exits_with_0(self) -> None:
        with Started(program(BUSY)) as worker:
            worker.request(1, "compute", [0.3])
            worker.end_input()
            self.assertEqual(worker.wait(), 0)
            self.assertEqual(worker.rest(), [{"jsonrpc": "2.0", "id": 1, "result": 0.3}])

    def test_a_handler_that_never_ends_has_the_grace_and_is_then_answered(self) -> None:
        with Started(program(BUSY, "limits=Limits(grace=0.5)")) as worker:
            worker.request(1, "compute", [60])
            worker.end_input()
            self.assertEqual(worker.wait(), 0)
            self.assertEqual(worker.rest()[0]["error"]["code"], -32800)

    def test_shutdown_ends_it_at_once_whatever_it_computes(self) -> None:
        with Started(program(BUSY)) as worker:
            worker.request(1, "compute", [60])
            worker.notify("shutdown")
            self.assertEqual(worker.wait(), 0)

    @unittest.skipUnless(ON_POSIX, "because this system has no signals")
    def test_sigterm_ends_it_with_0_and_sigint_is_the_parents_business(self) -> None:
        for asynchronous in ("", "@worker.method\nasync def nap(): pass\n"):
            with Started(program(BUSY + asynchronous)) as worker:
                worker.request(1, "$/ping")
                worker.next()
                worker.process.send_signal(signal.SIGINT)
                worker.request(1, "compute", [60])
                worker.request(2, "$/ping")
                self.assertEqual(worker.next()["id"], 2)
                worker.process.send_signal(signal.SIGTERM)
                self.assertEqual(worker.wait(), 0)

    @unittest.skipUnless(ON_POSIX, "because this system has no signals")
    def test_when_the_parent_is_killed_it_is_gone_within_a_second_with_all_it_started(self) -> None:
        for method in ("compute", "sleep", "idle"):
            with self.subTest(method), Started(PARENT, method) as parent:
                pids = parent.next()
                self.assertTrue(all(is_alive(pid) for pid in pids))
                parent.process.kill()
                wait_for(lambda pids=pids: not any(is_alive(pid) for pid in pids), 1.5)

    @unittest.skipUnless(ON_POSIX, "because this system has no signals")
    def test_when_it_has_another_parent_than_it_was_told_it_goes_with_the_one_it_was_told_of(self) -> None:
        for method in ("compute", "idle"):
            other = subprocess.Popen(["sleep", "600"])
            with self.subTest(method), Started(PARENT, method, str(other.pid)) as parent:
                pids = parent.next()
                time.sleep(0.5)  # it looks several times, and finds that one alive
                self.assertTrue(all(is_alive(pid) for pid in pids))
                other.kill()
                other.wait()
                wait_for(lambda pids=pids: not any(is_alive(pid) for pid in pids), 1.5)

    def test_a_parent_that_reads_nothing_is_refused_more_and_does_not_stop_the_reader(self) -> None:
        body = """
@worker.method
def large(): return "x" * 1_000_000
"""
        source = program(body, "limits=Limits(outbox_bytes=2_000_000)")
        process = subprocess.Popen(
            [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(__file__))},
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        for number in range(20):
            process.stdin.write(b'{"jsonrpc":"2.0","id":%d,"method":"large"}\n' % number)
        process.stdin.flush()
        time.sleep(0.2)  # the pipe is full by then, and whether it is changes nothing of what follows
        timer = threading.Timer(10, process.kill)
        timer.start()
        process.stdin.close()
        answers = process.stdout.read().splitlines()
        timer.cancel()
        process.stdout.close()
        self.assertEqual(process.wait(), 0)
        self.assertEqual(len(answers), 20)


# A parent that starts a worker as leader of a group; the worker starts a process of its own.
PARENT = f"""
import json, os, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", {program('''
@worker.method
def compute():
    while True: pass
@worker.method
def sleep(): time.sleep(600)
@worker.method
def spawn():
    import subprocess
    return subprocess.Popen(["sleep", "600"]).pid
''')!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    env=dict(os.environ, PROCWIRE_GROUP="1", PROCWIRE_PARENT=(sys.argv[2:] or [str(os.getpid())])[0]))
def request(method):
    worker.stdin.write(json.dumps(dict(jsonrpc="2.0", id=1, method=method)).encode() + b"\\n")
    worker.stdin.flush()
request("spawn")
child = json.loads(worker.stdout.readline())["result"]
if sys.argv[1] != "idle": request(sys.argv[1])
print(json.dumps([worker.pid, child]), flush=True)
sys.stdin.read()
"""


class Notifications(unittest.TestCase):
    def test_those_that_wait_for_a_handler_are_bounded_in_number_and_in_bytes_and_the_oldest_go(self) -> None:
        for limits, sizes, kept in (
            (Limits(queued_notifications=3), [1] * 6, [3, 4, 5]),
            (Limits(input_bytes=100), [40] * 6, [4, 5]),
            (Limits(input_bytes=100), [40, 40, 1000], [2]),
        ):
            jobs: List[Callable[[], None]] = []
            crew = Crew("test", 1, 1, 1)
            session = Session(make_codec("json", "line", 128), "line", limits, crew, lambda data: len(data))
            heard = Heard(session, lambda job: jobs.append(job) is None)
            told: List[int] = []
            for number, size in enumerate(sizes):
                heard.push(lambda number=number: told.append(number), size)  # type: ignore[misc]
            self.assertEqual(len(jobs), 1)
            jobs[0]()
            self.assertEqual((told, heard.dropped), (kept, len(sizes) - len(kept)))


class Registering(unittest.TestCase):
    def test_wrong_options_and_names_are_refused_where_they_are_given(self) -> None:
        for wrong in ({"framing": "lines"}, {"codec": "xml"}, {"codec": "msgpack"}, {"threads": 0}):
            with self.assertRaises(ValueError):
                Worker(**wrong)
        worker = Worker()
        with self.assertRaises(ValueError):
            worker.method("$/mine")(print)
        worker.method("once")(lambda: 1)
        with self.assertRaises(ValueError):
            worker.method("once")(lambda: 2)
        for code, message in ((1.5, "m"), (True, "m"), (1, 2)):
            with self.assertRaises(TypeError):
                RpcError(code, message)  # type: ignore[arg-type]
        for field in ("message_bytes", "grace"):
            with self.assertRaises(ValueError):
                Limits(**{field: -1})

    def test_a_decorated_function_can_still_be_called(self) -> None:
        worker = Worker()

        @worker.method
        def double(n: int) -> int:
            return 2 * n

        self.assertEqual(double(4), 8)


class MessagePack(unittest.TestCase):
    def test_bytes_arrays_and_dates_come_back_as_they_came(self) -> None:
        from array import array
        from datetime import datetime, timezone

        from procwire.wire.framing import frame_length
        from procwire.wire.msgpack_codec import MessagePackCodec

        codec = MessagePackCodec()
        values = [b"\x00\xff", array("d", [0.5, float("inf")]), array("h", [-1]), datetime(2024, 2, 3, tzinfo=timezone.utc)]
        requests = [{"jsonrpc": "2.0", "id": n, "method": "echo", "params": [value]} for n, value in enumerate(values)]
        arguments = [sys.executable, str(CONFORMANCE), "--framing", "length", "--codec", "msgpack", "--threads", "1"]
        done = subprocess.run(
            arguments, input=b"".join(frame_length(codec.encode(each)) for each in requests), capture_output=True, timeout=20
        )
        out, answers = done.stdout, []
        while out:
            size = int.from_bytes(out[:4], "big")
            answers.append(codec.decode(out[4 : 4 + size]))
            out = out[4 + size :]
        self.assertEqual([answer["result"] for answer in answers], values)


if __name__ == "__main__":
    unittest.main()
