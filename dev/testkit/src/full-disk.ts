/** A disk that has no room for more, under the local cloud's S3 while it runs; room comes back as suddenly. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestCloud } from './servers/cloud.ts';

/**
 * No file of S3's may become larger than so many bytes (util-linux's prlimit, the soft limit alone, so
 * that it can be raised again); a full disk refuses at the same call.
 */
export async function limitFiles(
  cloud: Pick<TestCloud, 'services'>,
  bytes: number | 'unlimited',
): Promise<void> {
  const pid = cloud.services.find(({ name }) => name === 's3')?.pid;
  if (pid === undefined) throw new Error('the S3 server does not run here');
  await promisify(execFile)('prlimit', [`--pid=${String(pid)}`, `--fsize=${String(bytes)}:`]);
}
