-- The first rows of one ds in a table; `day` is the column that holds the ds.
select *
from ${table}
where ${day} = cast(:ds as date)
limit ${rows};
