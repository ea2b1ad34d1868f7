"""The obvious cleaning script: pyspark.ml, a header, inferred types.

clean_reviews.py INPUT OUTPUT
"""

import sys

from pyspark.ml.feature import StopWordsRemover, Tokenizer
from pyspark.sql import SparkSession
from pyspark.sql.functions import array_contains

spark = SparkSession.builder.appName("original").getOrCreate()
reviews = spark.read.csv(sys.argv[1], header=True, inferSchema=True)
tokens = Tokenizer(inputCol="review_str", outputCol="review_token").transform(reviews)
clean = StopWordsRemover(inputCol="review_token", outputCol="review_clean").transform(tokens)
labelled = clean.select("cid", array_contains(clean.review_clean, "good").alias("positive_review"))
labelled.write.mode("overwrite").parquet(sys.argv[2])
spark.stop()
