"""The shared vectors: facts about the wire that every language is held to."""

import unittest
from typing import Any, List

from procwire.dialect import __dict__ as dialect_names
from procwire.errors import ERROR_CODES, DecodeError, FrameError
from procwire.limits import Limits
from procwire.peer.crew import Crew
from procwire.peer.reader import Reader
from procwire.peer.session import Session
from procwire.wire.codec import make_codec
from procwire.wire.framing import DECODERS, FRAMERS, Oversized
from procwire.wire.json_codec import JsonCodec
from procwire.wire.message import is_answered
from procwire.wire.msgpack_codec import MessagePackCodec

from .support import read_vectors


class Framing(unittest.TestCase):
    def test_frames_come_out_the_same_however_the_bytes_are_cut(self) -> None:
        for case in read_vectors("framing")["cases"]:
            chunks = [bytes.fromhex(chunk) for chunk in case["chunks"]]
            whole = b"".join(chunks)
            for size in (0, 1, 7, max(1, len(whole))):
                cut = [whole[at : at + size] for at in range(0, len(whole), size)] if size else chunks
                with self.subTest(case["name"], size=size):
                    self.assertEqual(self._found(case, cut), (case["events"], case["error"]))

    def _found(self, case: Any, chunks: List[bytes]) -> Any:
        decoder = DECODERS[case["framing"]](case["limit"])
        events: List[Any] = []
        try:
            for chunk in chunks:
                decoder.push(chunk)
                for found in iter(decoder.next, None):
                    events.append({"oversized": True} if isinstance(found, Oversized) else {"frame": found.hex()})
        except FrameError:
            return events, True
        return events, False

    def test_what_is_framed_is_found_again(self) -> None:
        for name, frame in FRAMERS.items():
            decoder = DECODERS[name](100)
            decoder.push(frame(b"{}") + frame(b"[1]"))
            self.assertEqual([decoder.next(), decoder.next(), decoder.next()], [b"{}", b"[1]", None])

    def test_of_a_line_far_above_the_limit_only_the_beginning_is_kept(self) -> None:
        for name in DECODERS:
            decoder = DECODERS[name](100)
            payload = b"x" * 1_000_000
            data = FRAMERS[name](payload)
            for at in range(0, len(data), 1000):
                decoder.push(data[at : at + 1000])
                held = vars(decoder)
                parts = held.get("_open", []) + held.get("_parts", [])
                self.assertLess(sum(map(len, parts)), 5000)
            found = decoder.next()
            assert isinstance(found, Oversized)
            self.assertEqual(found.head[:1000], payload[:1000])


class Json(unittest.TestCase):
    def test_the_same_texts_are_json_as_for_everybody(self) -> None:
        codec = JsonCodec()
        for case in read_vectors("json-values")["cases"]:
            with self.subTest(case["name"]):
                try:
                    codec.decode(bytes.fromhex(case["hex"]))
                    valid = True
                except DecodeError:
                    valid = False
                self.assertEqual(valid, case["valid"])

    def test_numbers_that_would_be_altered_are_marked(self) -> None:
        codec = JsonCodec()
        for text, altered in {
            "9007199254740993": False,  # Python has integers of any size
            "9007199254740993.0": True,
            "9007199254740992.0": False,
            "9223372036854776000.0": False,
            "1e21": False,
            "1e400": True,
            "-1e400": True,
            "1e-400": True,
            "5e-324": False,
            "0e-400": False,
            "0.1000000000000000055": False,
            "1.7976931348623157e308": False,
            "1" * 5000: hasattr(__import__("sys"), "set_int_max_str_digits"),
        }.items():
            with self.subTest(text[:40]):
                codec.decode(text.encode())
                self.assertEqual(codec.altered, altered)

    def test_minus_zero_keeps_its_sign(self) -> None:
        self.assertEqual(str(JsonCodec().decode(b"[-0]")[0]), "-0.0")

    def test_half_of_a_surrogate_pair_comes_back_as_it_came(self) -> None:
        codec = JsonCodec()
        self.assertEqual(codec.decode(codec.encode("\ud800é")), "\ud800é")


class MessagePack(unittest.TestCase):
    def test_ids_come_back_as_they_came(self) -> None:
        codec = MessagePackCodec()
        vectors = read_vectors("msgpack-ids")
        for row in vectors["ids"]:
            with self.subTest(row["name"]):
                data = bytes.fromhex(row["id"])
                self.assertEqual(codec.id_key(codec.decode(data)), data)
        for row in vectors["none"]:
            with self.subTest(row["name"]):
                self.assertIsNone(codec.id_key(codec.decode(bytes.fromhex(row["id"]))))

    def test_it_is_refused_over_lines(self) -> None:
        with self.assertRaisesRegex(ValueError, "line feeds"):
            make_codec("msgpack", "line", 128)


class Table(unittest.TestCase):
    table = read_vectors("protocol")

    def test_the_limits_are_those_of_the_table_all_of_them(self) -> None:
        rows = {row["python"]: row for row in self.table["limits"] if row["python"] is not None}
        limits = vars(Limits())
        self.assertEqual(rows.keys(), limits.keys())
        for name, row in rows.items():
            self.assertEqual(limits[name] * (1000 if row["unit"] == "ms" else 1), row["default"], name)

    def test_the_error_codes_are_those_of_the_table_all_of_them(self) -> None:
        self.assertEqual(ERROR_CODES, self.table["errorCodes"])

    def test_the_reserved_names_are_those_of_the_table_all_of_them(self) -> None:
        prefixes = tuple(self.table["reservedPrefixes"])
        names = [
            value for value in dialect_names.values() if isinstance(value, str) and value.startswith(prefixes)
        ]
        self.assertEqual(sorted(names), self.table["reservedNames"])


class _Service:
    def __init__(self, serves: bool) -> None:
        self.serves = serves
        self.reason: Any = None

    def find(self, method: str) -> Any:
        return None

    def noise(self, size: int) -> None:
        pass

    def ended(self, reason: Any) -> None:
        self.reason = reason


class Misfits(unittest.TestCase):
    vectors = read_vectors("misfits")

    def test_each_row_is_one_of_the_shared_table_and_says_the_same(self) -> None:
        for row in self.vectors["rows"]:
            key = (row["kind"], row["hasId"], row["isAnswer"])
            self.assertEqual(is_answered(*key, True), row["serves"] == "answers", key)
            if row["calls"] != "ends":
                self.assertEqual(is_answered(*key, False), row["calls"] == "answers", key)

    def test_each_vector_gets_what_its_row_says(self) -> None:
        for row in self.vectors["rows"]:
            for vector in row.get("vectors", []):
                for side in ("serves", "calls"):
                    with self.subTest(side=side, vector=vector, about=row["about"]):
                        self._play(row, vector, side)

    def _play(self, row: Any, vector: Any, side: str) -> None:
        limit = self.vectors["limit"]
        name = "json" if "json" in vector else "msgpack"
        long = "x" * limit
        text: str = vector[name]
        frame = (
            text.replace("{long}", long).encode()
            if name == "json"
            else bytes.fromhex(text.replace("{long}", long.encode().hex()))
        )
        codec = make_codec(name, "length", 128)
        written: List[bytes] = []

        def write(data: memoryview) -> int:
            written.append(bytes(data))
            return len(data)

        session = Session(codec, "length", Limits(message_bytes=limit), Crew("test", 1, 10, 10), write)
        service = _Service(side == "serves")
        settled: List[bool] = []
        pending = None
        if row["isAnswer"] is True:
            pending = session.request("question", None, lambda: settled.append(True))
        written.clear()
        chunks = [FRAMERS["length"](frame), FRAMERS["length"](codec.encode({"jsonrpc": "2.0", "id": "after", "method": "no"}))]
        reader = Reader(session, service, "length", lambda: chunks.pop(0) if chunks else b"")  # type: ignore[arg-type]
        reader.run(0)
        decoder = DECODERS["length"](1 << 20)
        decoder.push(b"".join(written))
        said = [codec.decode(found) for found in iter(decoder.next, None) if isinstance(found, bytes)]
        if row[side] == "ends":
            self.assertEqual(service.reason.code, "MESSAGE_TOO_LARGE")
            return
        if pending is not None:
            self.assertEqual(bool(settled), row[side] == "fails")
        self.assertEqual(said.pop()["id"], "after")
        told = [(each["id"], each["error"]["code"]) for each in said]
        expected = [(1 if row["hasId"] else None, row["code"])] if row[side] == "answers" else []
        self.assertEqual(told, expected)


if __name__ == "__main__":
    unittest.main()
