"""The label is the one of the original: Tokenizer, StopWordsRemover, array_contains."""

from __future__ import annotations

import random

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.feature import StopWordsRemover, Tokenizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import random_text_classification as script

HARD = {
    "good": True,
    "a GOOD film": True,
    "GoOd": True,
    "so\tgood\tso": True,
    "good\u000b\u000c\r\nthe": True,
    "  good  ": True,
    "the good": True,
    "good good": True,
    "é good 好": True,
    "😀 good": True,
    'say "x" good': True,
    "": False,
    " ": False,
    "\t \t": False,
    "good.": False,
    "good,": False,
    '"good"': False,
    "goods": False,
    "no-good": False,
    "a\u00a0good\u00a0film": False,
    "\u2003good\u2003": False,
    "good\u200b": False,
    "\uff47\uff4f\uff4f\uff44": False,  # wide letters
    "go od": False,
    "the and a": False,
    "İ": False,
}


def both(spark: SparkSession, reviews: list[str]) -> list[tuple[bool, bool]]:
    frame = spark.createDataFrame(list(enumerate(reviews)), "number int, review_str string")
    ours = frame.withColumn("ours", script.label(F.col("review_str")))
    rows = original(ours).orderBy("number").collect()
    return [(row["ours"], row["positive_review"]) for row in rows]


def original(reviews: DataFrame) -> DataFrame:
    tokenizer = Tokenizer(inputCol="review_str", outputCol="review_token")
    remover = StopWordsRemover(inputCol="review_token", outputCol="review_clean")
    stages = Pipeline(stages=[tokenizer, remover]).fit(reviews)
    cleaned = stages.transform(reviews)
    return cleaned.withColumn("positive_review", F.array_contains("review_clean", "good"))


def test_hard_reviews_have_the_label_of_the_original(spark: SparkSession) -> None:
    assert both(spark, list(HARD)) == [(label, label) for label in HARD.values()]


def test_random_reviews_have_the_label_of_the_original(spark: SparkSession) -> None:
    chance = random.Random(3)
    words = [
        "good",
        "GOOD",
        "Good.",
        "the",
        "isn't",
        "",
        "\u00a0",
        "é",
        "bad",
        "ǅ",
        "Σ",
        "goodgood",
    ]
    gaps = [" ", "  ", "\t", "\u000b", "\u00a0", "\u2028", ","]
    reviews = [
        "".join(chance.choice(words) + chance.choice(gaps) for _ in range(chance.randint(0, 6)))
        for _ in range(2000)
    ]
    found = both(spark, reviews)
    assert [ours for ours, _ in found] == [theirs for _, theirs in found]
    assert {ours for ours, _ in found} == {True, False}


@pytest.mark.usefixtures("spark")
def test_the_stop_words_are_the_default_ones() -> None:
    assert StopWordsRemover.loadDefaultStopWords("english") == script.STOP_WORDS


def test_stop_words_are_dropped(spark: SparkSession) -> None:
    reviews = spark.createDataFrame([("not good",), ("not",)], "review_str string")
    words = script.kept_tokens(F.col("review_str"))
    assert [row[0] for row in reviews.select(words).collect()] == [["good"], []]
