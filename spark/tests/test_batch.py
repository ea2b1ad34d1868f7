"""Whole days through one application: layout, counts, bad days, reruns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from days import RUN, Days, counts
from pyspark.sql import SparkSession

import random_text_classification as script

HEADER = script.HEADER + "\n"


@pytest.fixture
def days(spark: SparkSession, tmp_path: Path) -> Days:
    return Days(spark, tmp_path)


def test_a_day_becomes_parquet_and_a_report(days: Days) -> None:
    days.put("2010-12-01", HEADER + '1,a good one\n2,bad\n"3","so ""good"", good"\n')
    reports = days.clean("2010-12-01")
    assert days.reviews("2010-12-01") == [("1", True), ("2", False), ("3", True)]
    assert days.report("2010-12-01") == {
        "version": 1,
        "ds": "2010-12-01",
        "run": RUN,
        "read": 3,
        "accepted": 3,
        "positive": 2,
        "rejected": counts(),
        "written": True,
    }
    assert reports == [days.report("2010-12-01")]
    assert not (days.out / "rejects").exists()
    assert sorted(path.name for path in days.out.iterdir()) == ["stage"]


def test_bad_lines_are_counted_and_kept_with_their_reason(days: Days) -> None:
    bad = [b"1,\xff", b'line_too_long:9:2,"an', b'2,"open', b"3,a,b", b"x,a", b"5,"]
    good = [b"%d,good" % cid for cid in range(5)]
    days.put("2010-12-01", HEADER.encode() + b"\n".join(bad + good))
    days.clean("2010-12-01", max_rejected=0.55)
    report = days.report("2010-12-01")
    assert report["rejected"] == dict.fromkeys(script.REASONS, 1)
    assert (report["read"], report["accepted"], report["written"]) == (11, 5, True)
    lines = [line.decode(errors="replace") for line in bad]
    assert days.rejects("2010-12-01") == list(zip(lines, script.REASONS))


def test_one_bad_day_of_a_batch_stops_no_other(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\n")
    days.put("2010-12-02", HEADER + "1,good\n2,a,b\n")
    days.put("2010-12-03", HEADER + "3,bad\n")
    days.clean("2010-12-01", "2010-12-02", "2010-12-03", max_rejected=0.49)
    assert days.reviews("2010-12-01") == [("1", True)]
    assert days.reviews("2010-12-03") == [("3", False)]
    assert days.parts("stage", "2010-12-02") == []
    assert days.rejects("2010-12-02") == [("2,a,b", "wrong_column_count")]
    report = days.report("2010-12-02")
    assert (report["read"], report["accepted"], report["written"]) == (2, 1, False)


def test_a_day_done_alone_becomes_what_it_becomes_among_others(days: Days, tmp_path: Path) -> None:
    contents = {
        "2010-12-01": "1,good\n2,bad\n",
        "2010-12-02": "1,good\n2,a,b\n3,good\n",
        "2010-12-03": "1,good\n2,a,b\n",
        "2010-12-04": "",
        "2010-12-05": "x,bad\n",
        "2010-12-06": HEADER + '"4","so ""good"""\n' + HEADER,
    }
    for ds, lines in contents.items():
        days.put(ds, HEADER + lines)
    days.clean(*contents, max_rejected=0.4)
    alone = Days(days.spark, tmp_path)
    alone.out = tmp_path / "alone"
    for ds in contents:
        alone.clean(ds, max_rejected=0.4)
        assert alone.report(ds) == days.report(ds)
        assert alone.rejects(ds) == days.rejects(ds)
        assert len(alone.parts("stage", ds)) == len(days.parts("stage", ds))
        if days.report(ds)["written"]:
            assert alone.reviews(ds) == days.reviews(ds)
    assert [days.report(ds)["written"] for ds in contents] == [
        True,
        True,
        False,
        True,
        False,
        False,
    ]
    assert not list(alone.out.rglob("_SUCCESS"))
    assert not list(alone.out.rglob("_work*"))


def test_days_of_equal_files_are_read_once_and_each_get_all_of_it(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\n2,a,b\n3,bad\n")
    days.put("2010-12-03", HEADER + "4,good\n")
    days.put("2010-12-05", HEADER)
    same = {"2010-12-01": ["2010-12-02", "2010-12-04"], "2010-12-05": ["2010-12-06"]}
    asked = ("2010-12-01", "2010-12-03", "2010-12-05")
    reports = days.clean(*asked, max_rejected=0.5, same=same)
    assert [report["ds"] for report in reports] == [f"2010-12-0{number}" for number in range(1, 7)]
    for ds in ("2010-12-01", "2010-12-02", "2010-12-04"):
        assert days.reviews(ds) == [("1", True), ("3", False)]
        assert days.rejects(ds) == [("2,a,b", "wrong_column_count")]
        assert days.report(ds) == {**days.report("2010-12-01"), "ds": ds}
    assert days.reviews("2010-12-03") == [("4", True)]
    assert days.reviews("2010-12-06") == []
    assert not list(days.out.glob("_work*"))


def test_days_of_equal_files_are_held_back_together(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\n2,a,b\n")
    days.clean("2010-12-01", same={"2010-12-01": ["2010-12-02"]})
    assert days.report("2010-12-02") == {**days.report("2010-12-01"), "ds": "2010-12-02"}
    assert days.report("2010-12-02")["written"] is False
    assert days.parts("stage", "2010-12-02") == []
    assert days.rejects("2010-12-02") == [("2,a,b", "wrong_column_count")]


def test_exactly_the_allowed_share_is_written(days: Days) -> None:
    good = "".join(f"{cid},text\n" for cid in range(71))
    days.put("2010-12-01", HEADER + good + "x,bad\n" * 29)
    days.put("2010-12-02", HEADER + good + "x,bad\n" * 30)
    days.clean("2010-12-01", "2010-12-02", max_rejected=0.29)
    assert days.report("2010-12-01")["written"] is True
    assert days.report("2010-12-02")["written"] is False


def test_days_without_a_good_row_still_give_a_schema(days: Days) -> None:
    days.put("2010-12-01", HEADER)
    days.put("2010-12-02", script.HEADER)
    days.put("2010-12-03", HEADER + "x,bad\n")
    days.clean("2010-12-01", "2010-12-02", "2010-12-03", max_rejected=1)
    for ds in ("2010-12-01", "2010-12-02", "2010-12-03"):
        assert days.reviews(ds) == []
        assert days.report(ds)["written"] is True
    assert days.report("2010-12-01")["read"] == 0
    assert days.report("2010-12-03")["read"] == 1


def test_bom_crlf_and_blank_lines_count_for_nothing(days: Days) -> None:
    days.put("2010-12-01", b'\xef\xbb\xbfcid,review_str\r\n\r\n1,"good"\r\n\n2,a\rb\r\n\r\n')
    days.clean("2010-12-01")
    assert days.reviews("2010-12-01") == [("1", True), ("2", False)]
    assert days.report("2010-12-01")["read"] == 2


def test_lines_are_counted_as_when_the_file_was_staged(days: Days) -> None:
    """stage-reviews counts the same cases, so that no line gets lost between the two."""
    cases = json.loads((Path(__file__).parent / "hard_lines.json").read_text(encoding="utf-8"))
    names = [f"2011-01-{number + 1:02}" for number in range(len(cases))]
    for ds, case in zip(names, cases):
        days.put(ds, HEADER + case["text"])
    reports = days.clean(*names, max_rejected=1)
    found = {case["name"]: report["read"] for case, report in zip(cases, reports)}
    assert found == {case["name"]: case["reviews"] for case in cases}


def test_a_repeated_header_is_a_bad_line_of_its_day(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\n" + HEADER + HEADER + "2,good\n")
    days.put("2010-12-02", HEADER + "3,good\n")
    days.clean("2010-12-01", "2010-12-02", max_rejected=1)
    assert days.report("2010-12-01")["rejected"] == counts(bad_cid=2)
    assert days.rejects("2010-12-01") == [(script.HEADER, "bad_cid")] * 2
    assert days.report("2010-12-02")["rejected"] == counts()
    assert days.parts("rejects", "2010-12-02") == []


def test_many_small_days_have_one_file_each_and_keep_their_rows(days: Days) -> None:
    names = [f"2011-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 21)]
    for number, ds in enumerate(names):
        days.put(ds, HEADER + f"{number},good\n" * (number + 1))
    days.clean(*names)
    for number, ds in enumerate(names):
        assert len(days.parts("stage", ds)) == 1
        assert days.report(ds)["positive"] == number + 1
    assert days.reviews(names[7]) == [("7", True)] * 8


def test_a_large_day_has_parts_by_size(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = {"spark.sql.files.maxPartitionBytes": "2000"}
    monkeypatch.setattr(script, "SQL_SETTINGS", {**script.SQL_SETTINGS, **largest})
    lines = [f"{cid},text number {cid}\n" for cid in range(400)]
    days.put("2010-12-01", HEADER + "".join(lines))
    days.clean("2010-12-01")
    size = len(HEADER + "".join(lines))
    assert len(days.parts("stage", "2010-12-01")) == -(-size // 2000)
    assert sorted(days.reviews("2010-12-01")) == sorted((str(cid), False) for cid in range(400))


def test_a_rerun_replaces_its_own_run_and_no_other(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\nx,bad\n")
    days.put("2010-12-02", HEADER + "2,good\n")
    days.clean("2010-12-01", "2010-12-02", max_rejected=1)
    days.clean("2010-12-01", run="other", max_rejected=1)
    (days.out / f"_work-{RUN}" / "stage").mkdir(parents=True)
    days.put("2010-12-01", HEADER + "1,good\n3,fine\n")
    days.clean("2010-12-01")
    assert days.reviews("2010-12-01") == [("1", True), ("3", False)]
    assert len(days.parts("stage", "2010-12-01")) == 1
    assert days.parts("rejects", "2010-12-01") == []
    assert not (days.out / "stage" / "2010-12-02" / RUN).exists()
    assert days.reviews("2010-12-01", "other") == [("1", True)]
    assert days.rejects("2010-12-01", "other") == [("x,bad", "bad_cid")]
    assert sorted(path.name for path in days.out.iterdir()) == ["rejects", "stage"]


def test_hidden_files_and_days_not_asked_for_are_left_out(days: Days) -> None:
    days.put("2010-12-01", HEADER + "1,good\n")
    days.put("2010-12-01", "x", name="_manifest.json")
    days.put("2010-12-01", HEADER, load="_temporary")
    days.put("2010-12-02", "no header")
    assert [report["ds"] for report in days.clean("2010-12-01")] == ["2010-12-01"]
    assert sorted(path.name for path in (days.out / "stage").iterdir()) == ["2010-12-01"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1,no header\n",
        b"review_str,cid\na,1\n",
        b"cid,review_str,more\n",
        b"CID,REVIEW_STR\n",
        b"\ncid,review_str\n",
        b"cid,review_str\r1,old line ends\r",
        "cid,review_str\n".encode("utf-16"),
    ],
)
def test_a_wrong_header_is_a_fault_of_the_input(days: Days, content: bytes) -> None:
    days.put("2010-12-01", content)
    with pytest.raises(script.InputFault, match=r"movie\.csv to be cid,review_str$"):
        days.clean("2010-12-01")
    assert not days.out.exists()


def test_no_file_two_files_or_another_name_is_a_fault_of_the_input(days: Days) -> None:
    days.put("2010-12-01", HEADER)
    days.put("2010-12-01", HEADER, load="L2")
    days.put("2010-12-02", HEADER, name="film.csv")
    with pytest.raises(script.InputFault) as fault:
        days.clean("2010-12-01", "2010-12-02", "2010-12-03", "2010-12-04", "2010-12-05")
    message = str(fault.value)
    assert "2010-12-01/*/movie.csv, found 2 files" in message
    assert "2010-12-02/*/movie.csv, found other files" in message
    assert "2010-12-03/*/movie.csv, found 0 files" in message
    assert message.endswith("(and 2 more days with faults)")
    assert "\n" not in message
