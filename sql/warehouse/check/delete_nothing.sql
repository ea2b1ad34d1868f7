-- Whether rows of an existing table may be deleted; deletes none.
delete from ${table} where 1 = 0;
