/** What the job requires of the source. Whatever is missing here can be put right without a loss. */
import type { Origin } from '@user-behaviour/shared/changes/changes-head';
import { Failure } from '@user-behaviour/shared/failure';
import { publicationOf, type SourceFacts } from './facts.ts';

const setUp = 'run sql/source/capture/010_identity_and_publication.sql as the owner of the table';
const look = 'use the look at the source instead (docs/operating.md)';

const unfit = (message: string, action: string): Failure =>
  new Failure('configuration', message, { action });

/** What a slot needs of the server. @throws a configuration failure. */
export function requireLogicalLog({ version, wal_level, replica, feedback }: SourceFacts): void {
  if (version < 130_000) {
    throw unfit('the source is older than PostgreSQL 13', 'use PostgreSQL 13 or newer');
  }
  if (wal_level !== 'logical') {
    throw unfit(
      `wal_level of the source is ${wal_level}, expected logical`,
      'set wal_level=logical and restart the server (Amazon RDS: rds.logical_replication=1)',
    );
  }
  if (!replica) return;
  if (version < 160_000) {
    throw unfit(
      'the source is a replica older than PostgreSQL 16, which has no logical slots',
      'let SOURCE_DATABASE_URL of capture-purchases name the primary',
    );
  }
  if (feedback !== 'on') {
    throw unfit(
      'the source is a replica with hot_standby_feedback=off: a vacuum on its primary loses the slot',
      'set hot_standby_feedback=on at the replica',
    );
  }
}

/** @throws a configuration failure unless the log has every change of the table with the whole old row. */
export function requirePublishedTable(
  found: SourceFacts,
  name: string,
): Pick<Origin, 'table' | 'publication'> {
  const { table_facts: table, publication_facts: publication } = found;
  if (table === null) throw unfit('table retail.user_purchase does not exist in the source', setUp);
  if (table.kind !== 'r') {
    throw unfit(
      'retail.user_purchase is no ordinary table: changes of views and partitioned tables are not captured',
      look,
    );
  }
  if (table.children.length > 0) throw unfit(inherited(table.children), look);
  if (!table.readable) {
    throw unfit(
      'the role may not read retail.user_purchase',
      'run sql/source/capture/020_role.sql as an administrator',
    );
  }
  const identity = publicationOf(found);
  if (publication?.published !== true || identity === undefined) {
    throw unfit(`no publication ${name} of retail.user_purchase at the source`, setUp);
  }
  if (!publication.whole || publication.member?.filtered === true) {
    throw unfit(
      `the publication ${name} leaves out rows, columns or kinds of changes of retail.user_purchase`,
      setUp,
    );
  }
  if (table.identity !== 'f') {
    throw unfit(
      `the replica identity of retail.user_purchase is ${JSON.stringify(table.identity)}, expected full`,
      setUp,
    );
  }
  const { oid, identity: replicaIdentity, columns } = table;
  return {
    publication: identity,
    table: { oid, identity: replicaIdentity, ...(columns !== null && { columns }) },
  };
}

export const inherited = (children: readonly string[]): string =>
  `changes of the tables that inherit from retail.user_purchase are not captured: ${children.join(', ')}`;

/** What a pointer must agree with. @throws as the two functions above. */
export function originOf(found: SourceFacts, publicationName: string): Origin {
  requireLogicalLog(found);
  return {
    systemIdentifier: found.system.systemid,
    timeline: found.system.timeline,
    database: found.system.dbname,
    ...requirePublishedTable(found, publicationName),
  };
}
