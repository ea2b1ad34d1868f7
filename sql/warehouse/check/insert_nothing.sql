-- Whether an existing table may be read and inserted into; inserts nothing.
insert into ${table} select * from ${table} where 1 = 0;
