import { env, execPath, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { measure } from './measurement.ts';
import { places } from '../places.ts';

const options = { python: places.python, signal: new AbortController().signal };
const shell = (text: string) => ({
  file: 'bash',
  args: ['-c', text],
  env: { PATH: env['PATH'] ?? '', NODE: execPath },
});
const spin = (seconds: number) =>
  `"$NODE" -e 'const t = process.cpuUsage(); for (;;) { const u = process.cpuUsage(t); if (u.user + u.system > ${String(seconds * 1e6)}) break }'`;
const hold = (megabytes: number) =>
  `"$NODE" -e 'const b = Buffer.alloc(${String(megabytes)} * 2 ** 20, 1); setTimeout(() => b.length, 400)'`;

describe('measure', () => {
  it('counts the processor time of children and of their children', async () => {
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

  it('adds the memory of processes that run side by side', async () => {
    const { memory } = await measure(shell(`${hold(150)} | ${hold(150)}`), options);
    // Elsewhere only the largest single process is known.
    expect(memory).toBeGreaterThan((platform === 'linux' ? 300 : 150) * 2 ** 20);
    expect(memory).toBeLessThan(600 * 2 ** 20);
  });

  it('gives the output, and the time of a program that sleeps without processor time', async () => {
    const took = await measure(shell('sleep 0.3; echo done'), options);
    expect(took.stdout).toBe('done\n');
    expect(took.wall).toBeGreaterThan(0.3);
    expect(took.cpu).toBeLessThan(took.wall);
  });

  it('refuses another exit code than the expected one, and shows what was said', async () => {
    await expect(measure(shell('echo why >&2; exit 3'), options)).rejects.toThrow(
      /ended with 3, expected 0:\nwhy/,
    );
    await expect(measure(shell('exit 3'), { ...options, expectedExit: 3 })).resolves.toBeDefined();
  });

  it('ends the whole tree when it is stopped', async () => {
    const stop = new AbortController();
    const running = measure(shell('sleep 60 | sleep 60'), { ...options, signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 100);
    await expect(running).rejects.toThrow('stopped');
  });
});
