-- For --check: whether a valid index starts with invoice_date, and how many rows the table has about.
select
    exists (
        select
        from pg_index as index
        join pg_attribute as attribute
            on attribute.attrelid = index.indrelid
            and attribute.attnum = index.indkey[0]
        where index.indrelid = class.oid
          and index.indisvalid
          and attribute.attname = 'invoice_date'
    ) as indexed,
    class.reltuples::float8 as rows
from pg_class as class
where class.oid = to_regclass('retail.user_purchase')
