"""A tree of days as the copy step leaves it, and what the script made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

import random_text_classification as script

RUN = "20101202T001500Z-3f9c2a"


class Days:
    def __init__(self, spark: SparkSession, root: Path) -> None:
        self.spark = spark
        self.load = root / "load"
        self.out = root / "out"

    def put(self, ds: str, content: str | bytes, load: str = "L1", name: str = "movie.csv") -> None:
        folder = self.load / ds / load
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def clean(
        self,
        *days: str,
        run: str = RUN,
        max_rejected: float = 0.01,
        same: dict[str, list[str]] | None = None,
    ) -> list[dict[str, Any]]:
        source, target = self.load.as_uri(), self.out.as_uri()
        batch = script.Batch(source, target, run, list(days), max_rejected, same or {})
        return script.run_batch(self.spark, batch)

    def parts(self, kind: str, ds: str, run: str = RUN) -> list[Path]:
        return sorted((self.out / kind / ds / run).glob("part-*"))

    def report(self, ds: str, run: str = RUN) -> dict[str, Any]:
        path = self.out / "stage" / ds / run / "_report.json"
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def reviews(self, ds: str, run: str = RUN) -> list[tuple[str, bool]]:
        """The rows in file order; also checks that the schema is the agreed one."""
        frame = self.spark.read.parquet(*(path.as_uri() for path in self.parts("stage", ds, run)))
        assert frame.schema.simpleString() == "struct<cid:string,positive_review:boolean>"
        return [(row["cid"], row["positive_review"]) for row in frame.collect()]

    def rejects(self, ds: str, run: str = RUN) -> list[tuple[str, str]]:
        lines = [
            line
            for path in self.parts("rejects", ds, run)
            for line in path.read_text().splitlines()
        ]
        return [(row["line"], row["reason"]) for row in map(json.loads, lines)]


def counts(**rejected: int) -> dict[str, int]:
    return {**dict.fromkeys(script.REASONS, 0), **rejected}
