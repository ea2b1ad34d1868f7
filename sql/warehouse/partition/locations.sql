-- Where the partitions of a range of days point. The catalog returns their values as a list of texts,
-- ["2010-12-01"]. Redshift reads all partitions from the catalog for this query, so it runs once for
-- many days, and for a single day only to find out why a load failed.
select
    tablename,
    substring("values", 3, 10) as ds,
    location
from svv_external_partitions
where schemaname = 'spectrum'
  and tablename in (
    'user_purchase_staging',
    'user_purchase_staging_parquet',
    'movie_review_clean_stage'
  )
  and substring("values", 3, 10) between :first_ds and :last_ds;
