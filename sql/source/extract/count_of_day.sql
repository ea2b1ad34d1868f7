-- Number of all purchases of one ds, also of those that no run extracts. An index on invoice_date is enough for it.
-- psql -v ds=2010-12-01 -f count_of_day.sql
select count(*)::float8 as rows
from retail.user_purchase
where invoice_date >= timestamp :'ds'
  and invoice_date < timestamp :'ds' + interval '1 day'
