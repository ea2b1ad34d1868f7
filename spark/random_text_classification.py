"""Labels movie reviews, many days in one Spark application: positive means the token "good".

Reads  {input}/{ds}/{loadRun}/movie.csv (exactly one file a day, header cid,review_str; of days
joined by + in --days, whose files are equal, only the first's) and writes for each day
{output}/stage/{ds}/{run}/part-*.parquet (cid string, positive_review boolean),
{output}/rejects/{ds}/{run}/part-*.json (line, reason) when a line is bad, and, last of all,
{output}/stage/{ds}/{run}/_report.json with the counts. A day with too many bad lines gets no
parquet; its report says so and the other days go on.

Exit codes: 0 done (read the reports), 64 wrong arguments, 65 wrong input, anything else a failure.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pyspark import SparkContext
from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

HEADER = "cid,review_str"
REASONS = (
    "invalid_utf8",
    "line_too_long",
    "unclosed_quote",
    "wrong_column_count",
    "bad_cid",
    "null_review",
)
# What stage-reviews puts in the place of a line that is too long to be read here.
NOTICE_OF_LONG_LINE = r"^line_too_long:\d+:"
POSITIVE_WORD = "good"
# The default English list of pyspark.ml's StopWordsRemover, without the need of numpy at run time.
STOP_WORDS = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she
her hers herself it its itself they them their theirs themselves what which who whom this that
these those am is are was were be been being have has had having do does did doing a an the
and but if or because as until while of at by for with about against between into through
during before after above below to from up down in out on off over under again further then
once here there when where why how all any both each few more most other some such no nor not
only own same so than too very s t can will just don should now i'll you'll he'll she'll we'll
they'll i'd you'd he'd she'd we'd they'd i'm you're he's she's it's we're they're i've we've
you've they've isn't aren't wasn't weren't haven't hasn't hadn't don't doesn't didn't won't
wouldn't shan't shouldn't mustn't can't couldn't cannot could here's how's let's ought that's
there's what's when's where's who's why's would
""".split()

# Partitions follow the size of the input alone, not the cluster: a day of up to 32 MiB (some
# 250,000 reviews) is one part file, and small days share a task instead of costing one each.
SQL_SETTINGS = {
    "spark.sql.files.maxPartitionBytes": str(32 << 20),
    "spark.sql.files.openCostInBytes": str(1 << 20),
    "spark.sql.files.minPartitionNum": "1",
    # The shuffle holds one row of counts a day and task: nothing to divide, or to adapt to.
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.ansi.enabled": "false",  # a cid that is no integer becomes null
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",  # no job to list files
}


# On HDFS, moving and writing the files of a day is waiting for the name node.
DAYS_ARRANGED_AT_ONCE = 8

# What Hadoop's readers skip too: a load or a file whose name begins with _ or a dot.
HIDDEN = re.compile(r"/[_.][^/]*(/[^/]*)?$")


@dataclass(frozen=True)
class Batch:
    """What the command line asks for; source and target are folders without a slash at the end."""

    source: str
    target: str
    run: str
    days: list[str]
    max_rejected: float
    same: dict[str, list[str]] = field(default_factory=dict)  # days whose file equals this day's

    @property
    def work(self) -> str:
        return f"{self.target}/_work-{self.run}"


class InputFault(Exception):
    """The input is not what was agreed; the message is for the person who looks."""


# --- the rules: a line to a review, a review to a label ---------------------------------------


def parse(lines: DataFrame) -> DataFrame:
    """Adds cid and review_str of a `line` (RFC 4180, two columns); both null for a bad one.

    One review is one physical line, so an unclosed quote spoils its own line only. A quote inside
    an unquoted column is text, as in "1,a "b" c"; an odd number of quotes is never accepted.
    A cid must fit the integer that the warehouse casts it to: at most ten digits, with its leading
    zeros.
    """
    split, good = taken_apart(lines), is_good()
    review = F.when(is_quoted(), replaced(inner(), '""', '"')).otherwise(F.col("rest"))
    return split.select(
        *lines.columns,
        F.when(good, F.col("digits")).alias("cid"),
        F.when(good, review).alias("review_str"),
    )


def judge(lines: DataFrame) -> DataFrame:
    """Adds the reason why a `line` is bad, null for a good one. Few are: not part of each pass."""
    text, rest = F.col("text"), F.col("rest")
    commas_outside_quotes = occurrences(F.regexp_replace(text, '"[^"]*"', ""), ",")
    reason = (
        F.when(is_good(), F.lit(None))
        .when(text.isNull(), "invalid_utf8")
        .when(text.rlike(NOTICE_OF_LONG_LINE), "line_too_long")
        .when(~has_quotes_in_pairs(), "unclosed_quote")
        .when(commas_outside_quotes != 1, "wrong_column_count")
        .when(~is_cid(), "bad_cid")
        .when(rest == "", "null_review")
        .when(is_quoted(), "unclosed_quote")  # text after the closing quote
        .otherwise("wrong_column_count")  # a comma between quotes that do not enclose the column
    )
    return taken_apart(lines).select(*lines.columns, reason.alias("reason"))


def taken_apart(lines: DataFrame) -> DataFrame:
    """Adds the text of a line that is UTF-8, the digits it may begin with, and the rest."""
    raw = builtin("binary", F.col("line"))
    is_utf8 = F.encode(F.decode(raw, "UTF-8"), "UTF-8") == raw
    text, first = F.col("text"), F.col("first")
    return (
        lines.withColumn("text", F.when(is_utf8, F.col("line")))
        .withColumn("first", F.substring_index("text", ",", 1))
        .withColumn("rest", text.substr(F.length(first) + 2, F.length(text)))
        .withColumn("digits", F.regexp_extract(first, r'^("?)(\d{1,10})\1\z', 2))
    )


def is_good() -> Column:
    """True for a good line, else false or null."""
    rest = F.col("rest")
    one_quoted = rest.endswith('"') & ~replaced(inner(), '""', "").contains('"')
    is_review = F.when(is_quoted(), one_quoted).otherwise((rest != "") & ~rest.contains(","))
    return has_quotes_in_pairs() & is_cid() & is_review


def has_quotes_in_pairs() -> Column:
    return occurrences(F.col("text"), '"') % 2 == 0


def is_cid() -> Column:
    return builtin("int", F.col("digits")).isNotNull()


def is_quoted() -> Column:
    return F.col("rest").startswith('"')


def inner() -> Column:
    """What is between the first and the last character of a quoted column."""
    return F.col("rest").substr(F.lit(2), F.length("rest") - 2)


def builtin(name: str, *columns: Column) -> Column:
    """One of Spark's functions that Python cannot call by name. Text of SQL, for which there are
    F.expr and F.call_function, would first load a parser, for a tenth of a second or more."""
    return F.call_udf(name, *columns)


def replaced(text: Column, old: str, new: str) -> Column:
    return F.replace(text, F.lit(old), F.lit(new))


def occurrences(text: Column, character: str) -> Column:
    return F.octet_length(text) - F.octet_length(replaced(text, character, ""))


def label(review: Column) -> Column:
    """True for a review that has the positive word, never null for a good review."""
    # Few reviews hold its letters at all; only those are taken apart.
    may_have_it = F.lower(review).contains(POSITIVE_WORD)
    return may_have_it & F.array_contains(kept_tokens(review), POSITIVE_WORD)


def kept_tokens(review: Column) -> Column:
    """As Tokenizer, then StopWordsRemover: lower case, split at white space, drop stop words."""
    tokens = F.split(F.lower(review), r"\s")
    # One literal: a hundred and eighty of them are as many calls from Python to the JVM.
    stop_words = F.split(F.lit(" ".join(STOP_WORDS)), " ")
    return F.filter(tokens, lambda token: ~F.array_contains(stop_words, token))


# --- one pass over all days --------------------------------------------------------------------


def lines_of(spark: SparkSession, paths: list[str]) -> DataFrame:
    """A row a line that is not blank: ds, line. Each file's header is one of them."""
    path = F.col("_metadata.file_path")
    return (
        spark.read.option("lineSep", "\n")  # a lone \r is text
        .text(paths)
        .select(
            F.substring_index(F.substring_index(path, "/", -3), "/", 1).alias("ds"),
            # Not regexp_replace, which decodes and so hides bytes that are not UTF-8.
            # What to trim comes first.
            builtin("rtrim", F.lit("\r"), F.col("value")).alias("line"),
        )
        .where(F.col("line") != "")
    )


def classified(lines: DataFrame) -> DataFrame:
    """A row a line: ds, cid, positive_review; of a bad line, and so of a header, the ds alone."""
    return parse(lines).select("ds", "cid", label(F.col("review_str")).alias("positive_review"))


def counters() -> list[Column]:
    return [
        F.count(F.lit(1)).alias("lines"),
        F.count("cid").alias("accepted"),
        F.count(F.when(F.col("positive_review"), 1)).alias("positive"),
    ]


def run_batch(spark: SparkSession, batch: Batch) -> list[dict[str, Any]]:
    """Cleans the days and returns their reports, which also lie in the output."""
    for key, value in SQL_SETTINGS.items():
        spark.conf.set(key, value)
    paths = find_sources(Files(spark, batch.source), batch.source, batch.days)
    out = Files(spark, batch.target)
    out.remove(batch.work)
    for kind in ("stage", "rejects"):  # of an earlier attempt of this run, and of no other run
        for path in out.glob(f"{batch.target}/{kind}/*/{batch.run}"):
            out.remove(path)

    work = write_day if len(batch.days) == 1 else write_days
    return arrange(out, work(spark, paths, batch), batch)


def write_day(spark: SparkSession, paths: dict[str, str], batch: Batch) -> list[dict[str, Any]]:
    """Writes the one day and counts it in the same pass; what is held back is not moved later."""
    [ds] = batch.days
    counted = Observation()
    rows = classified(lines_of(spark, [paths[ds]])).observe(counted, *counters())
    some = rows.where(F.col("cid").isNotNull()).select("cid", "positive_review").write
    # A run's folder holds its files and its report: no _SUCCESS.
    some = some.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    some.parquet(f"{batch.work}/stage/ds={ds}")
    return write_rejects(spark, paths, {ds: counted.get}, batch)


def write_days(spark: SparkSession, paths: dict[str, str], batch: Batch) -> list[dict[str, Any]]:
    """Counts the days, then writes all at once, each into its own ds= folder of the work folder."""
    rows = classified(lines_of(spark, list(paths.values()))).persist()
    counted = {row["ds"]: row.asDict() for row in rows.groupBy("ds").agg(*counters()).collect()}
    reports = write_rejects(spark, paths, counted, batch)
    kept = [report["ds"] for report in reports if report["written"]]
    accepted = rows.where(F.col("cid").isNotNull())
    if any(report["written"] and report["accepted"] for report in reports):
        some = accepted if len(kept) == len(reports) else accepted.where(F.col("ds").isin(kept))
        some.write.partitionBy("ds").parquet(f"{batch.work}/stage")
    if any(report["written"] and not report["accepted"] for report in reports):
        # A file without rows, so that readers of such a day find the schema.
        accepted.drop("ds").limit(0).write.parquet(f"{batch.work}/empty")
    rows.unpersist()
    return reports


def write_rejects(
    spark: SparkSession, paths: dict[str, str], counted: dict[str, dict[str, Any]], batch: Batch
) -> list[dict[str, Any]]:
    """Writes the bad lines, in a pass over the days that have any, and returns the reports."""
    # Each day has a bad line that counts for nothing: its header.
    spoiled = [ds for ds in batch.days if counted[ds]["lines"] - counted[ds]["accepted"] > 1]
    reasons = {ds: dict.fromkeys(REASONS, 0) for ds in batch.days}
    if spoiled:
        lines = lines_of(spark, [paths[ds] for ds in spoiled])
        numbered = lines.withColumn("row", F.monotonically_increasing_id())
        bad = judge(numbered).where(F.col("reason").isNotNull()).persist()
        # A second line like it is a bad_cid.
        headers = bad.where(F.col("line") == HEADER).groupBy("ds").agg(F.min("row").alias("row"))
        rejected = bad.where(~F.col("row").isin([header["row"] for header in headers.collect()]))
        for group in rejected.groupBy("ds", "reason").agg(F.count("*").alias("lines")).collect():
            reasons[group["ds"]][group["reason"]] = group["lines"]
        rejected.select("ds", "line", "reason").write.partitionBy("ds").json(
            f"{batch.work}/rejects"
        )
        bad.unpersist()
    return [report_of(ds, batch, counted[ds], reasons[ds]) for ds in batch.days]


def report_of(
    ds: str, batch: Batch, counted: dict[str, Any], rejected: dict[str, int]
) -> dict[str, Any]:
    read, accepted, bad = counted["lines"] - 1, counted["accepted"], sum(rejected.values())
    if read != accepted + bad:
        raise RuntimeError(f"{ds}: the counts of read, accepted and rejected lines disagree")
    return {
        "version": 1,
        "ds": ds,
        "run": batch.run,
        "read": read,
        "accepted": accepted,
        "positive": counted["positive"],
        "rejected": rejected,
        "written": read == 0 or bad / read <= batch.max_rejected,
    }


def arrange(out: Files, reports: list[dict[str, Any]], batch: Batch) -> list[dict[str, Any]]:
    """Moves the files of each day to where they belong; its report comes last. All reports."""
    with ThreadPoolExecutor(DAYS_ARRANGED_AT_ONCE) as pool:
        list(pool.map(lambda report: arrange_day(out, report, batch), reports))
        twins = [
            (report, {**report, "ds": twin})
            for report in reports
            for twin in batch.same.get(report["ds"], [])
        ]
        list(pool.map(lambda pair: copy_day(out, pair[0], pair[1], batch), twins))
    out.remove(batch.work)
    every = [*reports, *(report for _, report in twins)]
    return sorted(every, key=lambda report: str(report["ds"]))


def arrange_day(out: Files, report: dict[str, Any], batch: Batch) -> None:
    ds = report["ds"]
    stage, rejects = (f"{batch.target}/{kind}/{ds}" for kind in ("stage", "rejects"))
    if report["written"] and out.glob(f"{batch.work}/stage/ds={ds}"):
        out.move(f"{batch.work}/stage/ds={ds}", stage, batch.run)
    elif report["written"]:
        out.copy(out.glob(f"{batch.work}/empty/part-*")[0], f"{stage}/{batch.run}")
    if sum(report["rejected"].values()):
        out.move(f"{batch.work}/rejects/ds={ds}", rejects, batch.run)
    out.write(f"{stage}/{batch.run}/_report.json", json.dumps(report))


def copy_day(out: Files, made: dict[str, Any], report: dict[str, Any], batch: Batch) -> None:
    """What was made of an equal file becomes this day's, in files and a report of its own."""
    stage = f"{batch.target}/stage/{report['ds']}/{batch.run}"
    for kind in ("stage", "rejects"):
        for path in out.glob(f"{batch.target}/{kind}/{made['ds']}/{batch.run}/part-*"):
            out.copy(path, f"{batch.target}/{kind}/{report['ds']}/{batch.run}")
    out.write(f"{stage}/_report.json", json.dumps(report))


def find_sources(files: Files, source: str, days: list[str]) -> dict[str, str]:
    """The one movie.csv of each day, its header checked; one message names all faults."""
    paths: dict[str, str] = {}
    faults: list[str] = []
    for ds in days:
        found = [path for path in files.glob(f"{source}/{ds}/*/*") if not HIDDEN.search(path)]
        named = [path for path in found if path.endswith("/movie.csv")]
        if len(found) != 1 or not named:
            what = "other" if found and not named else len(found)
            faults.append(f"expected one file {source}/{ds}/*/movie.csv, found {what} files")
        elif not has_header(files.head(found[0], 64)):
            faults.append(f"expected the first line of {found[0]} to be {HEADER}")
        else:
            paths[ds] = found[0]
    if faults:
        more = f" (and {len(faults) - 3} more days with faults)" if len(faults) > 3 else ""
        raise InputFault("; ".join(faults[:3]) + more)
    return paths


def has_header(start: bytes) -> bool:
    first = start.split(b"\n", 1)[0].rstrip(b"\r")
    return first in (HEADER.encode(), b"\xef\xbb\xbf" + HEADER.encode())


class Files:
    """Hadoop's FileSystem over the JVM gateway, so that any scheme Spark knows works."""

    def __init__(self, spark: SparkSession, root: str) -> None:
        context: Any = spark.sparkContext
        self._hadoop = context._jvm.org.apache.hadoop
        self._conf = context._jsc.hadoopConfiguration()
        self._fs = self._path(root).getFileSystem(self._conf)

    def glob(self, pattern: str) -> list[str]:
        found = self._fs.globStatus(self._path(pattern)) or []
        return sorted(status.getPath().toString() for status in found)

    def head(self, path: str, size: int) -> bytes:
        stream = self._fs.open(self._path(path))
        try:
            return bytes(stream.readNBytes(size))
        finally:
            stream.close()

    def remove(self, path: str) -> None:
        self._fs.delete(self._path(path), True)

    def move(self, path: str, parent: str, name: str) -> None:
        self._fs.mkdirs(self._path(parent))
        if not self._fs.rename(self._path(path), self._path(f"{parent}/{name}")):
            raise RuntimeError(f"could not rename {path} to {parent}/{name}")

    def copy(self, path: str, folder: str) -> None:
        self._fs.mkdirs(self._path(folder))
        source, target = self._path(path), self._path(folder)
        self._hadoop.fs.FileUtil.copy(self._fs, source, self._fs, target, False, self._conf)

    def write(self, path: str, text: str) -> None:
        stream = self._fs.create(self._path(path), True)
        stream.write(text.encode())
        stream.close()

    def _path(self, path: str) -> Any:
        return self._hadoop.fs.Path(path)


# --- the command line ---------------------------------------------------------------------------


class Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        sys.exit(fail(64, message))


def fail(code: int, message: str) -> int:
    """Says it on stderr; that of spark-submit is the JVM's, for it turns Python's into stdout."""
    line = f"random_text_classification: error: {message}"
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        context: Any = SparkContext
        context._ensure_initialized()
        context._jvm.System.err.println(line)
    else:
        print(line, file=sys.stderr, flush=True)
    return code


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
        return text

    return check


share = matching(r"0|1|1\.0+|0?\.\d+|\d(\.\d+)?e-[1-9]\d*", "a share from 0 to 1")


def day_groups(text: str) -> list[list[str]]:
    groups = [group.split("+") for group in text.split(",")]
    days = [ds for group in groups for ds in group]
    for ds in days:
        try:
            real = datetime.date.fromisoformat(ds).isoformat() == ds
        except ValueError:
            real = False
        if not real or days.count(ds) > 1:
            raise argparse.ArgumentTypeError(f"expected real days YYYY-MM-DD, once each: {ds!r}")
    return groups


def stop(spark: SparkSession) -> None:
    """Stops Spark, and leaves to the end of the process what Python has of it.

    spark.stop() also waits for a server of Python's own, which looks twice a second whether it
    should end.
    """
    context: Any = spark.sparkContext
    context._jsc.stop()


def main(argv: list[str] | None = None) -> int:
    parser = Arguments(prog="random_text_classification.py", allow_abbrev=False)
    folder = matching(r"[^*?{}\[\]\\]*[^*?{}\[\]\\/:]/*", "a folder without wildcards")
    run = matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, '.', '_' and '-'")
    parser.add_argument("--input", type=folder, required=True)
    parser.add_argument("--output", type=folder, required=True)
    parser.add_argument("--run", type=run, required=True)
    parser.add_argument(
        "--days",
        type=day_groups,
        required=True,
        help="2010-12-01[,2010-12-02,...]; + instead of a comma before a day whose file is equal",
    )
    parser.add_argument("--max-rejected", type=share, default="0.01", help="share of a day's lines")
    asked = parser.parse_args(argv)
    batch = Batch(
        source=asked.input.rstrip("/"),
        target=asked.output.rstrip("/"),
        run=asked.run,
        days=[group[0] for group in asked.days],
        max_rejected=float(asked.max_rejected),
        same={group[0]: group[1:] for group in asked.days},
    )
    spark = SparkSession.builder.appName("random_text_classification").getOrCreate()
    try:
        reports = run_batch(spark, batch)
    except InputFault as fault:
        return fail(65, str(fault))
    finally:
        stop(spark)
    held = [report["ds"] for report in reports if not report["written"]]
    note = f"; too many rejected, no parquet: {','.join(held)}" if held else ""
    read, accepted = (sum(report[name] for report in reports) for name in ("read", "accepted"))
    print(f"days {len(reports)}, read {read}, accepted {accepted}{note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
