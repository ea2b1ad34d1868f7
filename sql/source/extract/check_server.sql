-- The server, for --check: its version, and whether this connection uses TLS.
select
    current_setting('server_version') as version,
    current_setting('server_version_num')::int as number,
    (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as tls
