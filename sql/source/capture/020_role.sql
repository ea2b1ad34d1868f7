-- Once, by an administrator: the role of capture-purchases. It reads the log and the table, and cannot write.
-- On Amazon RDS, grant rds_replication to it in place of the attribute `replication`.
create role capture login replication;

grant usage on schema retail to capture;

grant select on retail.user_purchase to capture;
