import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuUsage, execPath, pid, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { difference, processorTime } from './server-time.ts';

const used = () => {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
};

describe('the processor time of a server', () => {
  it('is its own and that of the children that have ended', async () => {
    if (platform !== 'linux') {
      expect(await processorTime(pid)).toBeUndefined();
      return;
    }
    const before = (await processorTime(pid)) ?? 0;
    const own = used();
    execFileSync(execPath, ['-e', 'while (process.cpuUsage().user < 300_000);']);
    const after = (await processorTime(pid)) ?? 0;
    expect(after - before).toBeGreaterThan(0.25 + used() - own - 0.05);
  });

  it('is also that of a child which still lives, and once it has ended no more', async () => {
    if (platform !== 'linux') return;
    const before = (await processorTime(pid)) ?? 0;
    const own = used();
    const program = `
      while (process.cpuUsage().user < 300_000);
      const { user, system } = process.cpuUsage();
      process.stdout.write(String((user + system) / 1e6));
      setTimeout(() => {}, 60_000);`;
    const child = spawn(execPath, ['-e', program]);
    const ended = once(child, 'exit');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const ofChild = Number(said);
    const living = (await processorTime(pid)) ?? 0;
    expect(living - before).toBeGreaterThan(ofChild + used() - own - 0.1);
    child.kill();
    await ended;
    const after = (await processorTime(pid)) ?? 0;
    expect(after - before).toBeLessThan(1.5 * ofChild + used() - own);
  });

  it('is unknown of a process that is not there', async () => {
    expect(await processorTime(undefined)).toBeUndefined();
    expect(await processorTime(2 ** 30)).toBeUndefined();
    expect(difference(1, undefined)).toBeUndefined();
    expect(difference(3, 1)).toBe(2);
  });
});
