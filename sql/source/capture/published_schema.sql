-- How the publication names the schema of the table, from PostgreSQL 15 on; no row if it does not.
-- psql -v publication=user_behaviour -f published_schema.sql
select
    member.oid::bigint as oid,
    cast(member.xmin as text) as xmin
from pg_publication_namespace as member
join pg_publication as publication on publication.oid = member.pnpubid
join pg_namespace as namespace on namespace.oid = member.pnnspid
where publication.pubname = :'publication'
  and namespace.nspname = 'retail'
