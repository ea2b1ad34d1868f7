-- The cleaned reviews that Spark wrote.
create external table spectrum.movie_review_clean_stage (
    cid varchar(100),
    positive_review boolean
)
partitioned by (insert_date date)
stored as parquet
location 's3://${bucket}/movie_review/stage/';
