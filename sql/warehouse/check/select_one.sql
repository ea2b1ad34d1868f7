-- Whether a statement runs and its result can be read.
select 1 as one;
