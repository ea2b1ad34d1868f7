/**
 * The state that the local cloud keeps between starts: passwords, the key pair and the ports. Its version is that
 * of everything in the folder: raise it with each change that an older release cannot read.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfExists, writeAtomically } from '../atomic-file.ts';
import { keyPair } from '../key-pair.ts';
import { OtherRelease } from './other-release.ts';
import { portNames } from './service.ts';

const cloudState = z.object({
  version: z.literal(1),
  /** Of the superuser of the source database. Each start makes all passwords anew. */
  postgresPassword: z.string().min(1),
  /** Of the owner of the source database. Missing before the first start of a release that makes one. */
  ownerPassword: z.string().min(1).optional(),
  /** Likewise. */
  warehousePassword: z.string().min(1).optional(),
  /** Missing before the first start of a release that makes one. */
  keys: keyPair.optional(),
  ports: z.partialRecord(z.enum(portNames), z.number().int()),
});
export type CloudState = z.infer<typeof cloudState>;

const stateText = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(cloudState);

/** The saved state, or a new one with a new password. */
export function loadState(stateDir: string): CloudState {
  const text = readIfExists(statePath(stateDir));
  if (text === undefined) {
    return { version: 1, ...newPasswords(), ports: {} };
  }
  const { data } = stateText.safeParse(text);
  if (data === undefined)
    throw new OtherRelease(`${statePath(stateDir)} is not as this release writes it`);
  return data;
}

const newPassword = () => randomBytes(18).toString('base64url');

export const newPasswords = () => ({
  postgresPassword: newPassword(),
  ownerPassword: newPassword(),
  warehousePassword: newPassword(),
});

export function saveState(stateDir: string, state: CloudState): void {
  writeAtomically(statePath(stateDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

function statePath(stateDir: string): string {
  return join(stateDir, 'state.json');
}
