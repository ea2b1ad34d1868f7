-- How many of the day's two partitions point at the runs of this load. The catalog may keep a
-- location with or without the slash at its end.
select count(*) as standing
from svv_external_partitions
where schemaname = 'spectrum'
  and (
    (
        tablename = 'user_purchase_staging'
        and rtrim(location, '/') = rtrim(:purchases_location, '/')
    )
    or (
        tablename = 'movie_review_clean_stage'
        and rtrim(location, '/') = rtrim(:reviews_location, '/')
    )
  );
