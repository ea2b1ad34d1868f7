-- The columns that the extraction relies on, with their types as PostgreSQL spells them.
select
    attribute.attname as name,
    format_type(attribute.atttypid, attribute.atttypmod) as type
from pg_attribute as attribute
where attribute.attrelid = to_regclass('retail.user_purchase')
  and attribute.attnum > 0
  and not attribute.attisdropped
order by attribute.attnum
