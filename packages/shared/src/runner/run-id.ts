/** A run names one attempt: sortable by time and unique, e.g. 20101202T001500Z-3f9c2a. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../failure.ts';

/** What may stand in a key, an HDFS path and a step name alike. */
const form = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

export function parseRunId(text: string): string {
  if (form.test(text)) return text;
  throw new Failure(
    'usage',
    `--run-id must be 1 to 63 letters, digits and hyphens, beginning with a letter or digit, not ${JSON.stringify(text)}`,
  );
}

/** When a run of a name that newRunId made was begun, in milliseconds since 1970; undefined for any other name. */
export function runTime(run: string): number | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(run) ?? [];
  if (y === undefined) return undefined;
  const time = Date.parse(`${y}-${mo ?? ''}-${d ?? ''}T${h ?? ''}:${mi ?? ''}:${s ?? ''}Z`);
  return Number.isNaN(time) ? undefined : time;
}
