-- The columns that the extraction relies on, with their types as PostgreSQL spells them. A domain counts as the
-- type below it, which may be a domain itself.
with recursive typed (number, name, type, modifier) as (
    select
        attribute.attnum,
        attribute.attname,
        attribute.atttypid,
        attribute.atttypmod
    from pg_attribute as attribute
    where attribute.attrelid = to_regclass('retail.user_purchase')
      and attribute.attnum > 0
      and not attribute.attisdropped
    union all
    select
        typed.number,
        typed.name,
        domain.typbasetype,
        domain.typtypmod
    from typed
    join pg_type as domain on domain.oid = typed.type and domain.typtype = 'd'
)
select
    typed.name,
    format_type(typed.type, typed.modifier) as type
from typed
join pg_type as base on base.oid = typed.type
where base.typtype <> 'd'
order by typed.number
