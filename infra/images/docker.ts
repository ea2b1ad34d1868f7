/** The Docker client's commands, and the one that can build with BuildKit. */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

/** What the command printed. @throws when it fails. */
export const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('docker', args)).stdout;

/**
 * `docker build` for a recipe that mounts secrets, which takes BuildKit. A newer client has it only with
 * its plugin, an older one by itself, so each client of this machine is asked. @throws when none can.
 */
export async function buildWithBuildKit(...args: string[]): Promise<void> {
  const places = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const found = places.map((place) => join(place, 'docker')).filter((path) => existsSync(path));
  const refusals: string[] = [];
  for (const client of new Set(found.map((path) => realpathSync(path)))) {
    try {
      await promisify(execFile)(client, ['build', ...args], {
        env: { ...env, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' },
        maxBuffer: 64 * 1024 * 1024,
      });
      return;
    } catch (error) {
      const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
      refusals.push(`${client}: ${(told === '' ? String(error) : told).slice(-2_000)}`);
    }
  }
  throw new Error(`no Docker client could build it with BuildKit:\n${refusals.join('\n')}`);
}
