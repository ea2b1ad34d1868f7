-- Makes the day's partition known; with more `partition … location …` up to a hundred days at once.
-- An existing one keeps its location: set_reviews.sql follows.
alter table spectrum.movie_review_clean_stage
add if not exists partition (insert_date = '${ds}')
location '${reviews_location}';
