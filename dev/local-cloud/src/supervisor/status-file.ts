/** What the supervisor tells of itself and its services, for `up`, `down`, `status` and curious people. */
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, writeAtomically } from '../atomic-file.ts';
import { serviceNames } from './service.ts';
import { processIdentity } from '../process-identity.ts';

const cloudStatus = z.object({
  version: z.literal(2),
  supervisor: processIdentity,
  state: z.enum(['starting', 'ready', 'stopping', 'stopped', 'failed']),
  /** When it came up, or began to; ISO 8601. */
  since: z.string(),
  /** Why it failed. */
  message: z.string().optional(),
  services: z.array(
    z.object({
      name: z.enum(serviceNames),
      state: z.enum(['starting', 'ready', 'restarting', 'stopped', 'failed']),
      port: z.number(),
      pid: z.number().optional(),
      restarts: z.number(),
      log: z.string(),
    }),
  ),
});
export type CloudStatus = z.infer<typeof cloudStatus>;

/** What the last supervisor wrote; it may have ended. Undefined before the first start of this version. */
export function readStatus(stateDir: string): CloudStatus | undefined {
  const text = readIfThere(statusPath(stateDir));
  return text === undefined ? undefined : cloudStatus.safeParse(JSON.parse(text)).data;
}

export function writeStatus(stateDir: string, status: CloudStatus): void {
  writeAtomically(statusPath(stateDir), `${JSON.stringify(status, undefined, 2)}\n`);
}

function statusPath(stateDir: string): string {
  return join(stateDir, 'local-cloud.json');
}
