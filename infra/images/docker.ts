/** Runs the Docker client, and finds one that can build with BuildKit. */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

/** Returns the command's output. @throws if it fails. */
export const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('docker', args)).stdout;

/**
 * Runs `docker build` with BuildKit, which Dockerfiles with secret mounts need. Newer clients need a plugin
 * for it, older ones do not, so this tries each client of this machine. @throws if none can build.
 */
export async function buildWithBuildKit(...args: string[]): Promise<void> {
  const places = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const found = places.map((place) => join(place, 'docker')).filter((path) => existsSync(path));
  const errors: string[] = [];
  for (const client of new Set(found.map((path) => realpathSync(path)))) {
    try {
      await promisify(execFile)(client, ['build', ...args], {
        env: { ...env, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' },
        maxBuffer: 64 * 1024 * 1024,
      });
      return;
    } catch (error) {
      const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
      errors.push(`${client}: ${(output === '' ? String(error) : output).slice(-2_000)}`);
    }
  }
  throw new Error(`no Docker client can build with BuildKit:\n${errors.join('\n')}`);
}
