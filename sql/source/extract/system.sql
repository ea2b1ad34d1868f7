-- Which cluster of PostgreSQL this is: replicas have the identifier of their primary.
select cast(system_identifier as text) as system_identifier
from pg_control_system()
