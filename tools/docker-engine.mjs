// Whether a Docker engine answers here, and whether one has to.
import { spawnSync } from 'node:child_process';

/** Its version, or undefined where none answers. */
export function dockerEngine() {
  const { status, stdout } = spawnSync('docker', ['version', '--format={{.Server.Version}}'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** What the tests say about it at their beginning and end; `fault` when that is not good enough. */
export function dockerVerdict(engine, required) {
  if (engine !== undefined)
    return { words: `Docker engine ${engine}: both backends, and the images` };
  const missing = 'no Docker engine answers: the docker backend and the images are NOT tested here';
  return required
    ? { words: missing, fault: `${missing}, though REQUIRE_DOCKER=1` }
    : { words: missing };
}
