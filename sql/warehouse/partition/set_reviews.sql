-- Points the day's partition at the published run.
alter table spectrum.movie_review_clean_stage
partition (insert_date = '${ds}')
set location '${reviews_location}';
