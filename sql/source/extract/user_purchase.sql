-- The purchases of one ds: the UTC half-open interval [ds 00:00, ds+1 00:00).
-- psql -v ds=2010-12-01 -v min_quantity=2 -f user_purchase.sql
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
where quantity > :min_quantity
  and invoice_date >= timestamp :'ds'
  and invoice_date < timestamp :'ds' + interval '1 day'
