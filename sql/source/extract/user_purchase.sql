-- The purchases of one ds: the UTC half-open interval [ds 00:00, ds+1 00:00).
-- `loadable` says what the load takes of the values (table/load-limits.ts). For any other row the result is
-- `otherwise`: a division by zero, whose error has no value of the row, or null. A column of the type
-- character(n) is read as text, without its padding.
-- psql -v ds=2010-12-01 -v min_quantity=2 -v loadable=true -v otherwise=null -f user_purchase.sql
select
    invoice_number,
    stock_code,
    detail,
    quantity,
    invoice_date,
    case when :loadable then unit_price else :otherwise end as unit_price,
    customer_id,
    country
from retail.user_purchase
where quantity > :min_quantity
  and invoice_date >= timestamp :'ds'
  and invoice_date < timestamp :'ds' + interval '1 day'
