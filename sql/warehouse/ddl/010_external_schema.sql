-- Where Spectrum finds its tables. Repeating it changes nothing.
create external schema if not exists spectrum
from data catalog
database 'user_behaviour'
iam_role '${spectrum_role_arn}'
create external database if not exists;
