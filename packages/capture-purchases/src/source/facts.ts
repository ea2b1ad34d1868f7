/** What the job must know of the source before it reads changes, and what it requires of it. */
import { asset } from '@user-behaviour/shared/asset';
import type { Origin } from '@user-behaviour/shared/changes/changes-head';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/source/errors';
import type { Client } from 'pg';
import * as z from 'zod';
import type { CaptureConfiguration } from '../config.ts';
import { parsePosition } from '../stream/position.ts';

const member = z.object({ oid: z.number(), xmin: z.string(), filtered: z.boolean() });

/** A row of sql/source/capture/facts.sql. */
const facts = z.object({
  version: z.number(),
  wal_level: z.string(),
  replica: z.boolean(),
  feedback: z.string(),
  at: z.iso.datetime(),
  next_xid: z.string(),
  table_facts: z
    .object({ oid: z.number(), kind: z.string(), identity: z.string(), readable: z.boolean() })
    .nullable(),
  publication_facts: z
    .object({
      oid: z.number(),
      xmin: z.string(),
      whole: z.boolean(),
      published: z.boolean(),
      member: member.nullable(),
    })
    .nullable(),
  slot_facts: z
    .object({
      plugin: z.string(),
      database: z.string(),
      active: z.boolean(),
      lost: z.boolean(),
      confirmed: z.string().nullable(),
      kept: z.number().nullable(),
    })
    .nullable(),
});

/** The answer to IDENTIFY_SYSTEM (PostgreSQL manual, "Streaming Replication Protocol"). */
const system = z.object({
  systemid: z.string(),
  timeline: z.coerce.number(),
  xlogpos: z.string(),
  dbname: z.string(),
});

export interface SourceFacts extends z.infer<typeof facts> {
  readonly system: Omit<z.infer<typeof system>, 'xlogpos'>;
  /** Up to where the log is written, or replayed by a replica. */
  readonly position: bigint;
}

export async function readFacts(
  client: Client,
  { CAPTURE_SLOT, CAPTURE_PUBLICATION }: CaptureConfiguration,
): Promise<SourceFacts> {
  const doing = 'ask the source about its replication';
  const sql = asset('sql/source/capture/facts.sql')
    .replace(/^--.*\n/gm, '')
    .replaceAll(":'publication'", `'${CAPTURE_PUBLICATION}'`)
    .replaceAll(":'slot'", `'${CAPTURE_SLOT}'`);
  const found = await attempt(doing, () => client.query(sql));
  // The place in the log last: it is then later than what was committed before `at`.
  const identified = await attempt(doing, () => client.query('IDENTIFY_SYSTEM'));
  const { xlogpos, ...identity } = system.parse(identified.rows[0]);
  return { ...facts.parse(found.rows[0]), system: identity, position: parsePosition(xlogpos) };
}

const setUp = 'run sql/source/capture/010_identity_and_publication.sql as the owner of the table';

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
  { table_facts: table, publication_facts: publication }: SourceFacts,
  name: string,
): Origin['publication'] & { readonly table: Origin['table'] } {
  if (table === null) throw unfit('table retail.user_purchase does not exist in the source', setUp);
  if (table.kind !== 'r') {
    throw unfit(
      'retail.user_purchase is no ordinary table: changes of views and partitioned tables are not captured',
      'use the look at the source instead (docs/operating.md)',
    );
  }
  if (!table.readable) {
    throw unfit(
      'the role may not read retail.user_purchase',
      'run sql/source/capture/020_role.sql as an administrator',
    );
  }
  if (publication?.published !== true) {
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
  const { oid, xmin, member: row } = publication;
  return {
    oid,
    xmin,
    member: row && { oid: row.oid, xmin: row.xmin },
    table: { oid: table.oid, identity: table.identity },
  };
}

/** What a pointer must agree with. @throws as the two functions above. */
export function originOf(found: SourceFacts, publicationName: string): Origin {
  requireLogicalLog(found);
  const { table, ...publication } = requirePublishedTable(found, publicationName);
  return {
    systemIdentifier: found.system.systemid,
    timeline: found.system.timeline,
    database: found.system.dbname,
    table,
    publication,
  };
}
