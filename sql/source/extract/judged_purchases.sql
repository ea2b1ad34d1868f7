-- The purchases of one ds with the reason why the load cannot take them; null for those that it can take. The
-- limits are those of table/load-limits.ts. `place` finds the row again. Longer texts than 10,000 characters are
-- cut: a row of a file has at most 192 KiB.
-- psql -v ds=2010-12-01 -v min_quantity=2 -v place=ctid -f judged_purchases.sql
select
    case
        when unit_price is null then 'unit_price is null'
        when unit_price = 'NaN' then 'unit_price is not a number'
        when abs(unit_price) >= 1e13 then 'unit_price has more than 13 digits before the point'
        when unit_price <> round(unit_price, 5) then 'unit_price has more than 5 decimals'
        when scale(unit_price) > 5 and octet_length(cast(unit_price as text)) > 20
            then 'unit_price has more than 20 characters'
        when quantity > 2147483647 then 'quantity is larger than an integer'
        when customer_id not between -2147483648 and 2147483647 then 'customer_id is not an integer'
        when octet_length(convert_to(cast(invoice_number as text), 'UTF8')) > 40
            then 'invoice_number has more than 40 bytes'
        when octet_length(convert_to(cast(stock_code as text), 'UTF8')) > 80
            then 'stock_code has more than 80 bytes'
        when octet_length(convert_to(cast(detail as text), 'UTF8')) > 4000
            then 'detail has more than 4000 bytes'
        when octet_length(convert_to(cast(country as text), 'UTF8')) > 80
            then 'country has more than 80 bytes'
    end as reason,
    :place as place,
    left(cast(invoice_number as text), 10000) as invoice_number,
    left(cast(stock_code as text), 10000) as stock_code,
    left(cast(detail as text), 10000) as detail,
    quantity,
    invoice_date,
    unit_price,
    customer_id,
    left(cast(country as text), 10000) as country
from retail.user_purchase
where quantity > :min_quantity
  and invoice_date >= timestamp :'ds'
  and invoice_date < timestamp :'ds' + interval '1 day'
