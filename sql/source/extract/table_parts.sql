-- The tables that hold the purchases: retail.user_purchase itself, or its partitions. `indexed`: a valid index
-- starts with invoice_date. `bounded`: a partition of a range of invoice_date, so that the others need not be read.
-- `rows` is -1 for a table that was never analysed. `index_name` is empty if the name is taken.
with recursive part (oid, bounded) as (
    select to_regclass('retail.user_purchase')::oid, false
    union all
    select
        child.oid,
        part.bounded or coalesce(
            partitioned.partstrat = 'r'
            and attribute.attname = 'invoice_date'
            and pg_get_expr(child.relpartbound, child.oid) <> 'DEFAULT',
            false
        )
    from part
    join pg_inherits as inherits on inherits.inhparent = part.oid
    join pg_class as child on child.oid = inherits.inhrelid
    left join pg_partitioned_table as partitioned on partitioned.partrelid = part.oid
    left join pg_attribute as attribute
        on attribute.attrelid = part.oid
        and attribute.attnum = partitioned.partattrs[0]
)
select
    namespace.nspname as schema,
    class.relname as name,
    format('%I.%I', namespace.nspname, class.relname) as quoted,
    case
        when to_regclass(format('%I.%I', namespace.nspname, class.relname || '_invoice_date')) is null
            then quote_ident(class.relname || '_invoice_date') || ' '
        else ''
    end as index_name,
    class.reltuples::float8 as rows,
    part.bounded,
    exists (
        select
        from pg_index as index
        join pg_attribute as attribute
            on attribute.attrelid = index.indrelid
            and attribute.attnum = index.indkey[0]
        where index.indrelid = class.oid
          and index.indisvalid
          and attribute.attname = 'invoice_date'
    ) as indexed
from part
join pg_class as class on class.oid = part.oid
join pg_namespace as namespace on namespace.oid = class.relnamespace
where class.relkind = 'r'
order by 1, 2
