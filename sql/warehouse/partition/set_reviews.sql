-- Sets the day's partition to the published run.
alter table spectrum.movie_review_clean_stage
partition (insert_date = '${ds}')
set location '${reviews_location}';
