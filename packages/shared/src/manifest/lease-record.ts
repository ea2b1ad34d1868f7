/** What lies in a day's `_lease.json`, and who may take the day; pure. */
import { Failure } from '../failure.ts';
import * as z from 'zod';

const body = z.object({
  version: z.literal(1),
  /** The run that works on the day; its steps carry its name. */
  run: z.string().min(1),
  /** One process: two processes of one run are two owners. */
  owner: z.string().min(1),
  host: z.string(),
  expiresAt: z.iso.datetime(),
  /** Earlier runs whose steps nobody has seen ended yet. */
  left: z.array(z.string().min(1)).default([]),
  /** Let go of, where something is left or S3 could not remove it: its own run abandoned nothing. */
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

/** The runs whose steps whoever takes the lease next has to end: none that was once named is forgotten. */
export function leftBehind({ left, run, released }: LeaseBody): readonly string[] {
  return released === true ? left : [...new Set([...left, run])];
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
