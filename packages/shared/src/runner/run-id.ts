/** A run ID names one attempt. It is unique and sorts by time, e.g. 20101202T001500Z-3f9c2a. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../failure.ts';

/** Valid in S3 keys, HDFS paths and step names. */
const form = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

export const isRunId = (text: string): boolean => form.test(text);

export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

export function parseRunId(text: string): string {
  if (isRunId(text)) return text;
  throw new Failure(
    'usage',
    `--run-id must be 1 to 63 letters, digits and hyphens, beginning with a letter or digit, not ${JSON.stringify(text)}`,
  );
}

/** When newRunId made this ID, in milliseconds since 1970; undefined for any other ID. */
export function runTime(run: string): number | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(run) ?? [];
  if (y === undefined) return undefined;
  const time = Date.parse(`${y}-${mo ?? ''}-${d ?? ''}T${h ?? ''}:${mi ?? ''}:${s ?? ''}Z`);
  return Number.isNaN(time) ? undefined : time;
}
