import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuUsage, execPath, pid, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { difference, cpuTime } from './server-time.ts';

/** Seconds of CPU time that this process has used so far. */
const used = () => {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
};

/** A program that uses 0.3 s of CPU time and leaves it in `used`, in microseconds. */
const spin = `
  let used = 0;
  while (used < 300_000) {
    const { user, system } = process.cpuUsage();
    used = user + system;
  }`;

/** Linux cuts each of the six figures that are summed here to hundredths of a second. */
const rounding = 0.1;

describe('the CPU time of a server', { timeout: 60_000 }, () => {
  it('includes that of children that have ended', async () => {
    if (platform !== 'linux') {
      expect(await cpuTime(pid)).toBeUndefined();
      return;
    }
    const before = (await cpuTime(pid)) ?? 0;
    const own = used();
    execFileSync(execPath, ['-e', spin]);
    const ownTime = used() - own;
    const after = (await cpuTime(pid)) ?? 0;
    expect(after - before).toBeGreaterThan(0.3 + ownTime - rounding);
  });

  it('includes that of a running child, and counts it once after its end', async () => {
    if (platform !== 'linux') return;
    const start = used();
    const before = (await cpuTime(pid)) ?? 0;
    const own = used();
    const report = 'process.stdout.write(String(used / 1e6)); setTimeout(() => {}, 60_000);';
    const child = spawn(execPath, ['-e', spin + report]);
    const ended = once(child, 'exit');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const ofChild = Number(said);
    const ownTime = used() - own;
    const running = (await cpuTime(pid)) ?? 0;
    expect(running - before).toBeGreaterThan(ofChild + ownTime - rounding);
    child.kill();
    await ended;
    const after = (await cpuTime(pid)) ?? 0;
    // This process's own share at most; counted twice, the child would add 2 * ofChild.
    expect(after - before).toBeLessThan(1.5 * ofChild + used() - start + rounding);
  });

  it('is unknown for a process that does not exist', async () => {
    expect(await cpuTime(undefined)).toBeUndefined();
    expect(await cpuTime(2 ** 30)).toBeUndefined();
    expect(difference(1, undefined)).toBeUndefined();
    expect(difference(3, 1)).toBe(2);
  });
});
