-- Makes the server check every 5 s, until the transaction ends, that its client is still there, so that the
-- query of a killed job ends soon. PostgreSQL 14 and newer have this setting; on older ones this does nothing.
select set_config(name, '5s', true)
from pg_settings
where name = 'client_connection_check_interval'
