"""A line becomes a review or gets a reason; Python's csv module is the second opinion."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

import random_text_classification as script

Parsed = tuple[str | None, str | None, str | None]


def parse(spark: SparkSession, lines: list[bytes]) -> list[Parsed]:
    rows = [(index, bytearray(line)) for index, line in enumerate(lines)]
    frame = spark.createDataFrame(rows, "number int, raw binary").selectExpr(
        "number", "cast(raw as string) as line"
    )
    parsed = script.judge(script.parse(frame)).orderBy("number").collect()
    return [(row["cid"], row["review_str"], row["reason"]) for row in parsed]


GOOD = {
    b"1,plain": ("1", "plain"),
    b'"2",quoted cid': ("2", "quoted cid"),
    b'3,"commas, and ""quotes"""': ("3", 'commas, and "quotes"'),
    b'4,""': ("4", ""),
    b'5,""""': ("5", '"'),
    b"6, ": ("6", " "),
    b'7,a "paired" quote': ("7", 'a "paired" quote'),
    b"8,back\\slash": ("8", "back\\slash"),
    b'9,"back\\"': ("9", "back\\"),
    b"0010,a\rb\tc": ("0010", "a\rb\tc"),
    "11,é 好 😀 \ufffd \ufeff".encode(): ("11", "é 好 😀 \ufffd \ufeff"),
    b"0000000011,ten digits": ("0000000011", "ten digits"),
    b"2147483647,largest": ("2147483647", "largest"),
    b"12,nul\x00byte": ("12", "nul\x00byte"),
    b'13,"' + b'""' * 20000 + b'"': ("13", '"' * 20000),
}

BAD = {
    b"1,\xff": "invalid_utf8",
    b'1,"\xed\xa0\x80': "invalid_utf8",
    b"1,cut \xe2\x82": "invalid_utf8",
    b"line_too_long:1048577:1,a long review, cut": "line_too_long",
    b'line_too_long:1048577:1,"a long review, cut': "line_too_long",
    b"line_too_long:1048577:": "line_too_long",
    b'1,"open': "unclosed_quote",
    b'1,the second half"': "unclosed_quote",
    b'1,six 6" tall': "unclosed_quote",
    b'1,"closed" too early': "unclosed_quote",
    b'1,"a" "b"': "unclosed_quote",
    b"only one column": "wrong_column_count",
    b"1": "wrong_column_count",
    b" ": "wrong_column_count",
    b"1,a,b": "wrong_column_count",
    b"1,a,": "wrong_column_count",
    b'1,"a","b"': "wrong_column_count",
    b'1,a "b, c" d': "wrong_column_count",
    b'"1,a"': "wrong_column_count",
    b"x,a,b": "wrong_column_count",
    b"1" + b"," * 30000: "wrong_column_count",
    b",review": "bad_cid",
    b'"",review': "bad_cid",
    b"abc,review": "bad_cid",
    b"-1,review": "bad_cid",
    b" 1,review": "bad_cid",
    b"1.5,review": "bad_cid",
    b'"1"2,review': "bad_cid",
    b'"1,2",review': "bad_cid",
    "١٢,review".encode(): "bad_cid",
    "1\u2028,review".encode(): "bad_cid",
    b"2147483648,review": "bad_cid",
    b"99999999999999999999,review": "bad_cid",
    b"00000000011,eleven digits": "bad_cid",
    b'"00000000011",eleven digits': "bad_cid",
    b"0" * 150 + b"17850,wider than the warehouse's column": "bad_cid",
    b"cid,review_str": "bad_cid",
    b"line_too_long,review": "bad_cid",
    b"line_too_long:,review": "bad_cid",
    b"1,": "null_review",
    b'"1",': "null_review",
    b",": "bad_cid",
}


def test_good_lines_give_cid_and_review(spark: SparkSession) -> None:
    expected = [(cid, review, None) for cid, review in GOOD.values()]
    assert parse(spark, list(GOOD)) == expected


def test_bad_lines_give_a_reason_and_nothing_else(spark: SparkSession) -> None:
    found = dict(zip(BAD, parse(spark, list(BAD))))
    assert found == {line: (None, None, reason) for line, reason in BAD.items()}
    assert {reason for _, _, reason in found.values()} == set(script.REASONS)


def test_bytes_are_taken_as_utf8_exactly_when_python_takes_them(spark: SparkSession) -> None:
    chance = random.Random(7)
    pieces = [
        b"\xc3",
        b"\xa9",
        b"\xe2\x82\xac",
        b"\xf0\x9f\x98\x80",
        b"\xc0\x80",
        b"\xf5",
        b"a",
        b"\xed\xbf\xbf",
    ]
    lines = [b"1," + b"".join(chance.choices(pieces, k=chance.randint(1, 4))) for _ in range(400)]
    found = [reason != "invalid_utf8" for _, _, reason in parse(spark, lines)]
    assert found == [is_utf8(line) for line in lines]
    assert any(found)
    assert not all(found)


def is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_line_is_read_as_the_csv_module_reads_it(spark: SparkSession, seed: int) -> None:
    chance = random.Random(seed)
    pieces = ["1", "27", ",", '"', '""', "a", " ", "é", "\\", "\t", "\u2028", '","', ',"', "good"]
    starts = ["", "5,", "5,", '5,"', '"5",', '"5","']
    ends = ["", '"']
    lines = [
        chance.choice(starts)
        + "".join(chance.choices(pieces, k=chance.randint(0, 7)))
        + chance.choice(ends)
        for _ in range(4000)
    ]
    lines = [line for line in lines if line]
    found = parse(spark, [line.encode() for line in lines])
    seen: dict[str | None, int] = {}
    for line, (cid, review, reason) in zip(lines, found):
        expected = csv_opinion(line)
        seen[reason] = seen.get(reason, 0) + 1
        if isinstance(expected, tuple):
            assert (cid, review, reason) == (*expected, None), line
        else:
            assert (cid, review) == (None, None), line
            assert reason in expected, line
    assert seen.keys() == {None, *script.REASONS} - {"invalid_utf8", "line_too_long"}
    assert min(seen.values()) > 10


def csv_opinion(line: str) -> tuple[str, str] | set[str]:
    """What the csv module makes of a line: the two columns, or the reasons that may be given."""
    if line.count('"') % 2:
        return {"unclosed_quote"}
    try:
        columns = next(csv.reader([line], strict=True))
    except csv.Error:  # text after a closing quote: which columns follow is anybody's guess
        return {"unclosed_quote", "wrong_column_count", "bad_cid"}
    reasons = set()
    if len(columns) != 2:
        reasons.add("wrong_column_count")
    if not (columns[0].isascii() and columns[0].isdecimal() and int(columns[0]) < 2**31):
        reasons.add("bad_cid")
    if '"' not in line:  # without quotes the columns are counted before they are looked at
        reasons -= {"bad_cid"} if "wrong_column_count" in reasons else set()
    elif '"' in columns[0]:
        reasons.add("wrong_column_count")
    if not reasons and columns[1] == "" and not line.endswith('""'):
        reasons.add("null_review")
    return reasons or (columns[0], columns[1])


def test_reviews_written_by_the_csv_module_come_back(spark: SparkSession, tmp_path: Path) -> None:
    chance = random.Random(11)
    letters = "ab ,\"\\'\té好\u00a0"
    written = [
        (
            str(chance.randint(0, 99999)),
            "x" + "".join(chance.choices(letters, k=chance.randint(0, 30))),
        )
        for _ in range(2000)
    ]
    path = tmp_path / "reviews.csv"
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=quoting, lineterminator="\n").writerows(written)
        lines = path.read_bytes().split(b"\n")[:-1]
        assert parse(spark, lines) == [(cid, review, None) for cid, review in written]
