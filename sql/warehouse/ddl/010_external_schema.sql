-- The schema of the external tables, in the data catalog; the load calls it spectrum. Safe to repeat.
create external schema if not exists ${external_schema}
from data catalog
database 'user_behaviour'
iam_role '${spectrum_role_arn}'
create external database if not exists;
