/** The content of a day's `_lease.json`, and the rules for taking the day. */
import { Failure } from '../failure.ts';
import { isRunId } from '../runner/run-id.ts';
import * as z from 'zod';

const run = z.string().refine(isRunId);

const body = z.object({
  version: z.literal(1),
  /** The run that works on the day. The names of its steps contain it. */
  run,
  /** Identifies one process: two processes of the same run are two owners. */
  owner: z.string().min(1),
  host: z.string(),
  expiresAt: z.iso.datetime(),
  /** Earlier runs whose steps may still be live. */
  left: z.array(run).default([]),
  /** Set if the holder released the lease instead of deleting it. Its own run then left no steps. */
  released: z.literal(true).optional(),
});

export type LeaseBody = z.infer<typeof body>;

export function parseLease(text: string, uri: string): LeaseBody {
  try {
    return body.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure('data', `${uri} is not a lease of version 1`, {
      cause,
      action: 'if no run works on the day, delete it and run the day again',
    });
  }
}

/** The runs whose steps the next holder must cancel. A holder that released its lease is not one. */
export function orphanedRuns({ left, run, released }: LeaseBody): readonly string[] {
  return released === true ? left : [...new Set([...left, run])];
}

/** Milliseconds by which two hosts' estimates of the server's time may differ. */
export const clockMargin = 2_000;

/** Whether the holder may still be working. `now` is in milliseconds, by the server's clock. */
export const isHeld = (
  { expiresAt, released }: Pick<LeaseBody, 'expiresAt' | 'released'>,
  now: number,
): boolean => released !== true && Date.parse(expiresAt) + clockMargin > now;
