-- What an administrator does once for redshift-load. Safe to repeat: a user that exists already is left as it is.
-- Through the Data API, a role is the database user "IAMR:<name of the role>".
create user ${user} password disable;

grant create, temporary on database ${database} to ${user};

grant usage, create on schema public to ${user};

-- Adding a table or moving a partition takes the owner of the external schema.
create external schema if not exists spectrum
from data catalog
database '${glue_database}'
iam_role '${spectrum_role_arn}';

alter schema spectrum owner to ${user};
