-- How many purchases of one ds the minimum quantity leaves out; one without a quantity is among them.
-- psql -v ds=2010-12-01 -v min_quantity=2 -f below_quantity.sql
select count(*)::float8 as rows
from retail.user_purchase
where (quantity > :min_quantity) is not true
  and invoice_date >= timestamp :'ds'
  and invoice_date < timestamp :'ds' + interval '1 day'
