-- The digest of each day of a range: the number of all its purchases, and the sum of the hashes of those that a run
-- extracts. Days without purchases are left out. `row_hash` hashes `purchase`, the texts of a row's values: two
-- numbers of another scale are equal, but are written in another way. A text of the type character(n) is read
-- without its padding. The hash of a record is a linear sum of those of its columns, so it is hashed once more: two rows
-- that exchange a value then have another sum. As a float it keeps 53 of its bits, as an integer it would keep 32.
-- psql -v from=2010-12-01 -v through=2010-12-31 -v min_quantity=2 \
--   -v row_hash='hashfloat8extended(hash_record_extended(purchase, 0), 0)' -f digests.sql
select
    cast(cast(invoice_date as date) as text) as ds,
    count(*)::float8 as rows,
    cast(coalesce(sum(:row_hash) filter (where quantity > :min_quantity), 0) as text) as sum
from (
    select
        invoice_date,
        quantity,
        row(
            cast(invoice_number as text) collate "C",
            cast(stock_code as text) collate "C",
            cast(detail as text) collate "C",
            quantity,
            invoice_date,
            cast(unit_price as text),
            customer_id,
            cast(country as text) collate "C"
        ) as purchase
    from retail.user_purchase
    where invoice_date >= timestamp :'from'
      and invoice_date < timestamp :'through' + interval '1 day'
) as purchases
group by cast(invoice_date as date)
