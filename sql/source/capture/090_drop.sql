-- Undoes 010_identity_and_publication.sql and removes the slot, so that the server keeps no log for it. A slot that
-- nobody reads fills the disk of the server.
select pg_drop_replication_slot(slot_name)
from pg_replication_slots
where slot_name = 'user_behaviour'
  and database = current_database();

begin;

drop publication if exists user_behaviour;

alter table retail.user_purchase replica identity default;

commit;
