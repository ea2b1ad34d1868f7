/** Reads what runs have left about their days (shared/run-record/run-record.ts). */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { isDs } from '@user-behaviour/shared/ds';
import {
  asFailure,
  Failure,
  failureKinds,
  type FailureKindName,
} from '@user-behaviour/shared/failure';
import { runRecordsPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { jobs } from '@user-behaviour/shared/pipeline';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import {
  type Bucket,
  listObjects,
  type StoredObject,
} from '@user-behaviour/shared/s3/list-objects';
import * as z from 'zod';
import type { Bounds } from './inventory.ts';

/** What is read at most: the newest objects up to these limits, so that any history takes seconds. */
export const limits = { objects: 4_000, bytes: 64 * 1024 * 1024 };

/** As many as the SDK opens sockets. */
const readers = 48;

const time = z.iso.datetime();
const line = z.looseObject({
  job: z.string(),
  version: z.string(),
  ds: z.string().refine(isDs),
  run: z.string(),
  status: z.string(),
  exit: z.int(),
  seconds: z.number(),
  startedAt: time,
  finishedAt: time,
  kind: z.enum(Object.keys(failureKinds) as [FailureKindName]).optional(),
  message: z.string().optional(),
  action: z.string().optional(),
  audit: z.string().optional(),
  traceId: z.string().optional(),
  phases: z.array(z.looseObject({ name: z.string(), startedAt: time, seconds: z.number() })),
});

/**
 * The records of all jobs for the days between the bounds, the one that ended last at the end. Equal lines count
 * once: a process may have left two objects. Objects that are gone since the listing are left out. `tell` receives a
 * line about each object that was not read.
 */
export async function readRunRecords(
  where: Bucket,
  bounds: Bounds,
  tell: (line: string) => void = () => undefined,
): Promise<DayRecord[]> {
  const listed = (await Promise.all(jobs.map((job) => list(where, job)))).flat();
  const newest = newestWithin(limits, listed);
  if (newest.length < listed.length) {
    const older = listed.length - newest.length;
    tell(`${String(older)} older records of runs were not read; sweep with a shorter KEEP_RECORDS`);
  }
  const texts = await mapConcurrently(readers, newest, ({ key }) => read(where, key));
  const { records, broken } = parseRecords(texts, bounds);
  if (broken > 0) tell(`${String(broken)} lines of records of runs cannot be read`);
  return records;
}

/** The same, or none if they cannot be read: for commands that say more than the records do. */
export async function recordsIfReadable(
  where: Bucket,
  bounds: Bounds,
  tell: (line: string) => void,
): Promise<DayRecord[]> {
  try {
    return await readRunRecords(where, bounds, tell);
  } catch (error) {
    tell(`the records of runs are left out: ${asFailure(error).message}`);
    return [];
  }
}

async function list(where: Bucket, job: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of listObjects(where, runRecordsPrefix(job))) found.push(object);
  return found;
}

/** The newest objects within both limits; the very newest in any case. */
export function newestWithin(
  { objects, bytes }: typeof limits,
  listed: readonly StoredObject[],
): readonly StoredObject[] {
  const sorted = listed.toSorted((a, b) => b.modified - a.modified);
  let total = 0;
  const end = sorted.findIndex((object, index) => {
    total += object.bytes;
    return index > 0 && (index >= objects || total > bytes);
  });
  return end === -1 ? sorted : sorted.slice(0, end);
}

async function read({ s3, bucket }: Bucket, key: string): Promise<string> {
  try {
    return await attempt(`read ${s3Uri(bucket, key)}`, async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    });
  } catch (error) {
    const cause = error instanceof Failure ? error.cause : error;
    if (awsErrorName(cause) === 'NoSuchKey') return '';
    throw error;
  }
}

/** `broken`: how many lines are no records. */
export function parseRecords(
  texts: readonly string[],
  { from, to }: Bounds,
): { readonly records: DayRecord[]; readonly broken: number } {
  const lines = new Set(texts.flatMap((text) => text.split('\n')).filter((one) => one !== ''));
  const parsed = [...lines].map(parse);
  const records = parsed
    .filter((record) => record !== undefined)
    .filter(({ ds }) => (from === undefined || ds >= from) && (to === undefined || ds <= to))
    .sort((a, b) => compare(a.finishedAt, b.finishedAt) || position(a.job) - position(b.job));
  return { records, broken: parsed.filter((record) => record === undefined).length };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const position = (job: string): number => jobs.findIndex((name) => name === job);

function parse(text: string): DayRecord | undefined {
  try {
    return line.parse(JSON.parse(text)) as DayRecord;
  } catch {
    return undefined;
  }
}
