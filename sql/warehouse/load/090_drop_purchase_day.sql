-- The session may be used again: leave no temporary table behind.
drop table purchase_day;
