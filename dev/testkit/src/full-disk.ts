/** Simulates a full disk for the local cloud's running S3 server, and an end to that. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestCloud } from './servers/cloud.ts';

/**
 * Limits the size of the files that S3 can write, in bytes. Uses only the soft limit of util-linux's prlimit,
 * which can be raised again; writes fail at the same call as on a full disk.
 */
export async function limitFileSize(
  cloud: Pick<TestCloud, 'services'>,
  bytes: number | 'unlimited',
): Promise<void> {
  const pid = cloud.services.find(({ name }) => name === 's3')?.pid;
  if (pid === undefined) throw new Error('the S3 server does not run here');
  await promisify(execFile)('prlimit', [`--pid=${String(pid)}`, `--fsize=${String(bytes)}:`]);
}
