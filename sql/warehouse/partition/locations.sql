-- Where the partitions of a range of days point. The catalog gives their values as a list of texts,
-- ["2010-12-01"]. Redshift reads the whole list of partitions from the catalog for it, so it is asked
-- once for many days, and for one day only to find out why a load was refused.
select
    tablename,
    substring("values", 3, 10) as ds,
    location
from svv_external_partitions
where schemaname = 'spectrum'
  and tablename in ('user_purchase_staging', 'movie_review_clean_stage')
  and substring("values", 3, 10) between :first_ds and :last_ds;
