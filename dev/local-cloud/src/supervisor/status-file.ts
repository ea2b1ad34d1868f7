/** What the supervisor tells of itself and its parts, for `up`, `down`, `status` and curious people. */
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, writeAtomically } from '../atomic-file.ts';
import { partNames } from './service.ts';
import { processIdentity } from '../process-identity.ts';

const cloudStatus = z.object({
  version: z.literal(1),
  supervisor: processIdentity,
  state: z.enum(['starting', 'ready', 'stopping', 'stopped', 'failed']),
  /** When it came up, or began to; ISO 8601. */
  since: z.string(),
  /** Why it failed. */
  message: z.string().optional(),
  parts: z.array(
    z.object({
      name: z.enum(partNames),
      state: z.enum(['starting', 'ready', 'restarting', 'stopped', 'failed']),
      port: z.number(),
      pid: z.number().optional(),
      restarts: z.number(),
      log: z.string(),
    }),
  ),
});
export type CloudStatus = z.infer<typeof cloudStatus>;

/** The last word of a supervisor, which may be long gone; undefined before the first start. */
export function readStatus(stateDir: string): CloudStatus | undefined {
  const text = readIfThere(statusPath(stateDir));
  return text === undefined ? undefined : cloudStatus.parse(JSON.parse(text));
}

export function writeStatus(stateDir: string, status: CloudStatus): void {
  writeAtomically(statusPath(stateDir), `${JSON.stringify(status, undefined, 2)}\n`);
}

function statusPath(stateDir: string): string {
  return join(stateDir, 'local-cloud.json');
}
