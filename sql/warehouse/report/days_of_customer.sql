-- The days of which a table has rows of a customer, whose id may have leading zeros there. Zero is not no id.
-- `day` and `customer` are the columns that hold the ds and the id.
select cast(${day} as varchar(10)) as ds
from ${table}
where ltrim(cast(${customer} as varchar(100)), '0') = ltrim(cast(:customer as varchar(100)), '0')
  and cast(${customer} as varchar(100)) <> ''
group by ${day}
order by ${day};
