-- The first purchases of one ds, whatever their quantity: the UTC half-open interval [ds 00:00, ds+1 00:00).
-- psql -v ds=2010-12-01 -v rows=5 -f purchases_of_day.sql
select
    invoice_number,
    stock_code,
    detail,
    quantity,
    invoice_date,
    unit_price,
    customer_id,
    country
from retail.user_purchase
where invoice_date >= cast(:'ds' as timestamp)
  and invoice_date < cast(:'ds' as timestamp) + interval '1 day'
limit :rows
