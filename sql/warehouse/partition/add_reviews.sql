-- Adds the day's partition; with more `partition … location …`, up to a hundred days at once.
-- An existing partition keeps its location; set_reviews.sql changes it.
alter table spectrum.movie_review_clean_stage
add if not exists partition (insert_date = '${ds}')
location '${reviews_location}';
