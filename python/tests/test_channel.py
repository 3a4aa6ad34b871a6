"""What a channel promises to those who call a worker."""

import asyncio
import os
import sys
import threading
import unittest
from typing import Any, List

from procwire import AsyncChannel, Channel, ChannelError, RpcError

from .support import CONFORMANCE, ROOT, Started, is_alive, wait_for

WORKER = [sys.executable, str(CONFORMANCE)]
RUST = ROOT / "rust-worker" / "target" / "release" / ("rust-worker.exe" if os.name == "nt" else "rust-worker")


class Calls(unittest.TestCase):
    def test_results_errors_and_timeouts_come_to_their_callers(self) -> None:
        with Channel.spawn(WORKER) as channel:
            self.assertEqual(channel.call("add", {"a": 2, "b": 40}), 42)
            self.assertEqual(channel.call("add", [2, 40]), 42)
            self.assertEqual(channel.call("echo", ["é\ud800"]), "é\ud800")
            with self.assertRaises(RpcError) as raised:
                channel.call("fail", {"code": 7, "message": "no", "data": [1]})
            self.assertEqual((raised.exception.code, raised.exception.data), (7, [1]))
            with self.assertRaises(ChannelError) as timed:
                channel.call("wait", timeout=0.1)
            self.assertEqual((timed.exception.code, timed.exception.delivery), ("TIMEOUT", "unknown"))
            with self.assertRaises(ChannelError) as unsent:
                channel.call("echo", [object()])
            self.assertEqual((unsent.exception.code, unsent.exception.delivery), ("ENCODE_FAILED", "not-sent"))
            self.assertIn("add", channel.methods())
            self.assertEqual(channel.call("add", [1, 1]), 2)

    def test_calls_of_many_threads_get_each_its_own_answer(self) -> None:
        with Channel.spawn(WORKER) as channel:
            wrong: List[Any] = []

            def ask(base: int) -> None:
                for number in range(200):
                    if channel.call("add", [base, number]) != base + number:
                        wrong.append((base, number))

            threads = [threading.Thread(target=ask, args=(1000 * n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_a_stream_arrives_in_order_and_can_be_left(self) -> None:
        with Channel.spawn(WORKER) as channel:
            stream = channel.stream("count", [5000])
            self.assertEqual(list(stream), list(range(5000)))
            self.assertEqual(stream.result, 5000)
            with channel.stream("count", [10**9]) as endless:
                self.assertEqual([next(endless) for _ in range(3)], [0, 1, 2])
            with self.assertRaises(RpcError):
                list(channel.stream("nobody"))
            self.assertEqual(channel.call("add", [1, 1]), 2)

    def test_a_worker_asks_and_tells_its_parent(self) -> None:
        with Channel.spawn(WORKER) as channel:
            told: List[Any] = []
            channel.on_notification("news", told.append)
            channel.on_request("question", lambda n: channel.call("add", [n, 1]))
            self.assertEqual(channel.call("ask", {"method": "question", "params": {"n": 4}}), 5)
            for number in range(100):
                channel.call("tell", {"method": "news", "params": [number]})
            wait_for(lambda: len(told) == 100)
            self.assertEqual(told, [[number] for number in range(100)])
            steps: List[Any] = []
            channel.call("steps", [3], on_progress=steps.append)
            self.assertEqual(steps[-1], 3)

    def test_length_prefixes_and_messagepack_carry_bytes(self) -> None:
        arguments = ["--framing", "length", "--codec", "msgpack"]
        with Channel.spawn([*WORKER, *arguments], framing="length", codec="msgpack") as channel:
            self.assertEqual(channel.call("echo", [b"\x00\n\xff"]), b"\x00\n\xff")
        with Channel.spawn([*WORKER, "--framing", "content-length"], framing="content-length") as channel:
            self.assertEqual(channel.call("echo", ["x" * 1_000_000]), "x" * 1_000_000)

    @unittest.skipUnless(RUST.exists(), "because the Rust worker is not built")
    def test_the_rust_worker_is_called_from_python(self) -> None:
        with Channel.spawn([str(RUST), "--quiet"]) as channel:
            self.assertEqual(channel.call("fibonacci", {"n": 40}), 102334155)
            self.assertEqual(list(channel.stream("primes", {"from": 1, "to": 20})), [2, 3, 5, 7, 11, 13, 17, 19])


class Ends(unittest.TestCase):
    def test_a_program_that_is_missing_is_said_at_once(self) -> None:
        with self.assertRaises(ChannelError) as raised:
            Channel.spawn(["/no/such/program"])
        self.assertEqual(raised.exception.code, "SPAWN_FAILED")
        with self.assertRaises(TypeError):
            Channel.spawn("a string")  # type: ignore[arg-type]

    def test_an_exit_says_how_and_why_and_whether_the_request_may_have_run(self) -> None:
        source = "import sys; sys.stdin.readline(); sys.stderr.write('the disk is gone\\n'); sys.exit(3)"
        with Channel.spawn([sys.executable, "-c", source], stderr="ignore") as channel:
            with self.assertRaises(ChannelError) as raised:
                channel.call("anything")
            error = raised.exception
            self.assertEqual((error.code, error.exit_code, error.delivery), ("WORKER_EXITED", 3, "unknown"))
            self.assertIn("the disk is gone", str(error))
            self.assertIn("the disk is gone", error.stderr)
            with self.assertRaises(ChannelError) as later:
                channel.call("anything")
            self.assertEqual(later.exception.delivery, "not-sent")

    def test_close_waits_for_the_exit_and_rejects_what_waits(self) -> None:
        channel = Channel.spawn(WORKER)
        failed: List[str] = []

        def ask() -> None:
            try:
                channel.call("wait")
            except ChannelError as error:
                failed.append(error.code)

        thread = threading.Thread(target=ask)
        thread.start()
        channel.call("$/ping")
        channel.close()
        thread.join()
        self.assertEqual(failed, ["CHANNEL_CLOSED"])
        self.assertFalse(is_alive(channel.pid))
        channel.close()
        closed = channel.closed
        assert closed is not None
        self.assertEqual(closed.code, "CHANNEL_CLOSED")

    @unittest.skipUnless(os.name == "posix", "because this system has no signals")
    def test_a_worker_that_ignores_everything_is_killed_with_all_it_started(self) -> None:
        source = (
            "import signal, subprocess, sys, time\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "child = subprocess.Popen(['sleep', '600'])\n"
            "sys.stdout.write('{\"jsonrpc\":\"2.0\",\"method\":\"child\",\"params\":[%d]}\\n' % child.pid)\n"
            "sys.stdout.flush()\n"
            "time.sleep(600)\n"
        )
        channel = Channel.spawn([sys.executable, "-c", source])
        pids: List[int] = []
        channel.on_notification("child", lambda params: pids.append(params[0]))
        wait_for(lambda: pids)
        channel.close(grace=0.1, term=0.1)
        wait_for(lambda: not any(is_alive(pid) for pid in [channel.pid, *pids]))

    def test_noise_on_stdout_does_not_end_the_channel_and_a_lost_boundary_does(self) -> None:
        noisy = "print('hello'); import sys; l = sys.stdin.readline(); print('{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}', flush=True); sys.stdin.read()"
        with Channel.spawn([sys.executable, "-c", noisy]) as channel:
            self.assertEqual(channel.call("x"), 5)
        with Channel.spawn([sys.executable, "-c", noisy], framing="content-length") as channel:
            with self.assertRaises(ChannelError) as raised:
                channel.call("x")
            self.assertEqual(raised.exception.code, "FRAME_MALFORMED")

    def test_a_stdout_full_of_noise_ends_the_channel(self) -> None:
        source = "import sys\nwhile True: print('x' * 1000)"
        with Channel.spawn([sys.executable, "-c", source], stderr="ignore") as channel:
            with self.assertRaises(ChannelError) as raised:
                channel.call("x")
            self.assertEqual(raised.exception.code, "FRAME_MALFORMED")

    @unittest.skipUnless(os.name == "posix", "because this system has no signals")
    def test_when_a_parent_exits_without_close_its_workers_are_gone(self) -> None:
        for how in ("os.kill(os.getpid(), 9)", "sys.exit(0)", "1/0"):
            source = (
                "import os, sys\nfrom procwire import Channel\n"
                f"channel = Channel.spawn({[*WORKER]!r})\nchannel.call('$/ping')\n"
                f"print(channel.pid, flush=True)\n{how}\n"
            )
            with self.subTest(how), Started(source) as parent:
                pid = parent.next()
                wait_for(lambda pid=pid: not is_alive(pid), 3)


class Asyncio(unittest.TestCase):
    def test_calls_streams_questions_and_cancels_are_awaited(self) -> None:
        async def main() -> None:
            async with await AsyncChannel.spawn(WORKER) as channel:
                sums = await asyncio.gather(*[channel.call("add", [n, 1]) for n in range(50)])
                self.assertEqual(sums, [n + 1 for n in range(50)])
                self.assertEqual([item async for item in channel.stream("count", [3000])], list(range(3000)))
                told: List[Any] = []
                channel.on_notification("news", told.append)

                async def question(n: int) -> int:
                    return n * 2

                channel.on_request("question", question)
                self.assertEqual(await channel.call("ask", {"method": "question", "params": {"n": 4}}), 8)
                await channel.call("tell", {"method": "news", "params": [1]})
                task = asyncio.ensure_future(channel.call("wait"))
                await asyncio.sleep(0)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                with self.assertRaises(ChannelError) as raised:
                    await channel.call("wait", timeout=0.1)
                self.assertEqual(raised.exception.code, "TIMEOUT")
                self.assertEqual(await channel.call("add", [1, 1]), 2)
                self.assertEqual(told, [[1]])

        asyncio.run(main())


if __name__ == "__main__":
    unittest.main()
