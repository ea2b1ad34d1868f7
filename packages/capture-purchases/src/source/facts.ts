/** What the job must know of the source before it reads changes. */
import { asset } from '@user-behaviour/shared/asset';
import type { Origin } from '@user-behaviour/shared/changes/changes-head';
import { attempt } from '@user-behaviour/source/errors';
import type { Client } from 'pg';
import * as z from 'zod';
import type { CaptureConfiguration } from '../config.ts';
import { parsePosition } from '../stream/position.ts';

/** A row of a catalog that says that the publication has the table, by itself or with its schema. */
const member = z.object({ oid: z.coerce.number(), xmin: z.string() });

/** A row of sql/source/capture/facts.sql. */
const facts = z.object({
  version: z.number(),
  wal_level: z.string(),
  replica: z.boolean(),
  feedback: z.string(),
  at: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
  replayed: z.string().nullable(),
  next_xid: z.string(),
  table_facts: z
    .object({
      oid: z.number(),
      kind: z.string(),
      identity: z.string(),
      readable: z.boolean(),
      children: z.array(z.string()),
      columns: z.record(z.string(), z.string()).nullable(),
    })
    .nullable(),
  publication_facts: z
    .object({
      oid: z.number(),
      xmin: z.string(),
      whole: z.boolean(),
      published: z.boolean(),
      member: member.extend({ filtered: z.boolean() }).nullable(),
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
  /** Undefined if the publication does not name the schema. */
  readonly schemaMember: z.infer<typeof member> | undefined;
  /** Up to where the log is written, or replayed by a replica: a slot has all of it. */
  readonly position: bigint;
}

type Settings = Pick<CaptureConfiguration, 'CAPTURE_SLOT' | 'CAPTURE_PUBLICATION'>;

export async function readFacts(
  client: Client,
  { CAPTURE_SLOT, CAPTURE_PUBLICATION }: Settings,
): Promise<SourceFacts> {
  const query = (path: string) =>
    attempt('ask the source about its replication', () =>
      client.query(
        path
          .replace(/^--.*\n/gm, '')
          .replaceAll(":'publication'", `'${CAPTURE_PUBLICATION}'`)
          .replaceAll(":'slot'", `'${CAPTURE_SLOT}'`),
      ),
    );
  const found = facts.parse((await query(asset('sql/source/capture/facts.sql'))).rows[0]);
  const schemas =
    found.version < 150_000
      ? []
      : (await query(asset('sql/source/capture/published_schema.sql'))).rows;
  // The place in the log last: it is then later than what was committed before `at`.
  const { xlogpos, ...identity } = system.parse((await query('IDENTIFY_SYSTEM')).rows[0]);
  return {
    ...found,
    system: identity,
    schemaMember: z.array(member).parse(schemas)[0],
    // What a replica has only received is not sent until it is replayed, which may be paused.
    position: parsePosition(found.replayed ?? xlogpos),
  };
}

/** The identity of the publication, as a pointer keeps it. */
export function publicationOf({
  publication_facts: publication,
  schemaMember,
}: SourceFacts): Origin['publication'] | undefined {
  if (publication === null) return undefined;
  const { oid, xmin } = publication;
  const found = publication.member ?? schemaMember;
  return { oid, xmin, member: found === undefined ? null : { oid: found.oid, xmin: found.xmin } };
}
