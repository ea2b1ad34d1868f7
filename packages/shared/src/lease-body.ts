/** What lies in a day's `_lease.json`, and who may take the day; pure. */
import { Failure } from './failure.ts';
import * as z from 'zod';

const body = z.object({
  version: z.literal(1),
  /** The run that works on the day; its steps carry its name. */
  run: z.string().min(1),
  /** One process: two processes of one run are two owners. */
  owner: z.string().min(1),
  host: z.string(),
  expiresAt: z.iso.datetime(),
  /** Let go of, where S3 could not remove it: what its run did is finished, not abandoned. */
  released: z.literal(true).optional(),
});

export type LeaseBody = z.infer<typeof body>;

export function parseLease(text: string, uri: string): LeaseBody {
  try {
    return body.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure('data', `${uri} is no lease of version 1`, {
      cause,
      action: 'if no run works on the day, remove it and run the day again',
    });
  }
}

/** Milliseconds that two hosts may differ by in what they take for the server's time. */
export const clockMargin = 2_000;

export function judgeLease(
  found: LeaseBody,
  owner: string,
  now: Date,
): 'ours' | 'free' | 'held' | 'expired' {
  if (found.released === true) return 'free';
  if (found.owner === owner) return 'ours';
  return Date.parse(found.expiresAt) + clockMargin > now.getTime() ? 'held' : 'expired';
}
