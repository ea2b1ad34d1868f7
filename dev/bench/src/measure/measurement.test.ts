import { env, execPath, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { measure } from './measurement.ts';
import { paths } from '../paths.ts';

const options = { python: paths.python, signal: new AbortController().signal };
const shell = (text: string) => ({
  file: 'bash',
  args: ['-c', text],
  env: { PATH: env['PATH'] ?? '', NODE: execPath },
});
const spin = (seconds: number) =>
  `"$NODE" -e 'const t = process.cpuUsage(); for (;;) { const u = process.cpuUsage(t); if (u.user + u.system > ${String(seconds * 1e6)}) break }'`;
const allocate = 'const held = Buffer.alloc(150 * 2 ** 20, 1);';
/** Holds memory until the process behind the pipe ends. */
const left = `"$NODE" -e '${allocate}
  process.stdout.on("error", () => process.exit(held.length > 0 ? 0 : 1));
  setInterval(() => process.stdout.write("x"), 50)'`;
/** Holds memory for half a second from when the other process holds its own. */
const right = `"$NODE" -e '${allocate}
  process.stdin.once("data", () => setTimeout(() => process.exit(held.length > 0 ? 0 : 1), 500))'`;

describe('measure', { timeout: 60_000 }, () => {
  it('counts the CPU time of children and grandchildren', async () => {
    const { cpu } = await measure(
      shell(`bash -c "$(cat <<'E'\n${spin(0.4)}\nE\n)"; true`),
      options,
    );
    expect(cpu).toBeGreaterThan(0.4);
  });

  it('counts both sides of a pipe', async () => {
    const { cpu } = await measure(shell(`${spin(0.3)} | ${spin(0.3)}`), options);
    expect(cpu).toBeGreaterThan(0.6);
  });

  it('adds up the memory of concurrent processes', async () => {
    const { memory } = await measure(shell(`${left} | ${right}`), options);
    // On other systems only the largest single process is known.
    expect(memory).toBeGreaterThan((platform === 'linux' ? 300 : 150) * 2 ** 20);
    expect(memory).toBeLessThan(600 * 2 ** 20);
  });

  it('returns the output, and counts sleep as time but not as CPU time', async () => {
    const took = await measure(shell('sleep 0.3; echo done'), options);
    expect(took.stdout).toBe('done\n');
    expect(took.wall).toBeGreaterThan(0.3);
    expect(took.cpu).toBeLessThan(took.wall);
  });

  it('rejects an unexpected exit code and shows the output', async () => {
    await expect(measure(shell('echo why >&2; exit 3'), options)).rejects.toThrow(
      /ended with 3, expected 0:\nwhy/,
    );
    await expect(measure(shell('exit 3'), { ...options, expectedExit: 3 })).resolves.toBeDefined();
  });

  it('ends the whole process tree when stopped', async () => {
    const stop = new AbortController();
    const running = measure(shell('sleep 60 | sleep 60'), { ...options, signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 100);
    await expect(running).rejects.toThrow('stopped');
  });
});
