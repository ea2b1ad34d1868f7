/** The file in which the supervisor reports its own state and that of its services. */
import { join } from 'node:path';
import * as z from 'zod';
import { readIfExists, writeAtomically } from '../atomic-file.ts';
import { serviceNames } from './service.ts';
import { processIdentity } from '../process-identity.ts';

const cloudStatus = z.object({
  version: z.literal(2),
  supervisor: processIdentity,
  state: z.enum(['starting', 'ready', 'stopping', 'stopped', 'failed']),
  /** When this state began; ISO 8601. */
  since: z.string(),
  /** Why the supervisor failed. */
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
  const text = readIfExists(statusPath(stateDir));
  return text === undefined ? undefined : cloudStatus.safeParse(JSON.parse(text)).data;
}

export function writeStatus(stateDir: string, status: CloudStatus): void {
  writeAtomically(statusPath(stateDir), `${JSON.stringify(status, undefined, 2)}\n`);
}

function statusPath(stateDir: string): string {
  return join(stateDir, 'local-cloud.json');
}
