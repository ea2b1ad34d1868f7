-- Where Spectrum finds its tables: the load's schema is called spectrum. Repeating it changes nothing.
create external schema if not exists ${external_schema}
from data catalog
database 'user_behaviour'
iam_role '${spectrum_role_arn}'
create external database if not exists;
