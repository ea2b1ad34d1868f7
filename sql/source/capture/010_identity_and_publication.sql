-- Once, by the owner of the table, before capture-purchases runs. Both in one transaction: a table without a primary
-- key that is published with the default identity refuses every update and delete of the shop. The identity `full`
-- writes the old row of an update or delete to the log as well; inserts cost nothing more.
begin;

alter table retail.user_purchase replica identity full;

create publication user_behaviour for table retail.user_purchase;

commit;
