import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { identify } from '@user-behaviour/local-cloud/process-identity';
import { endProcessGroup, endLeftover, isRunning } from './process-group.ts';

/** Prints `ready` once it runs; can ignore SIGTERM. */
const PROGRAM = `if (process.argv[1] === 'stubborn') process.on('SIGTERM', () => {});
  process.stdout.write('ready'); setInterval(() => {}, 1000);`;

const children: ChildProcess[] = [];

async function start(manner: string): Promise<ChildProcess & { pid: number }> {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const child = spawn(process.execPath, ['-e', PROGRAM, manner], {
    detached: true,
    stdio: [...stdio],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

it.each([
  ['polite', 5000, 'SIGTERM'],
  ['stubborn', 100, 'SIGKILL'],
  ['polite', 0, 'SIGKILL'],
])('ends a %s process given %i ms by %s', async (manner, graceMs, signal) => {
  const child = await start(manner);
  const exit = once(child, 'exit');
  await endProcessGroup(child.pid, graceMs);
  expect(await exit).toEqual([null, signal]);
});

it('ends a leftover process, but no other process with its PID', async () => {
  const child = await start('polite');
  const exit = once(child, 'exit');
  const leader = { pid: child.pid, started: identify(child.pid)?.started ?? '' };
  expect(await endLeftover({ ...leader, started: 'long ago' }, 5000)).toBe(false);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(await endLeftover(leader, 5000)).toBe(true);
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(await endLeftover(leader, 5000)).toBe(false);
});

// Elsewhere a zombie cannot be told from a process.
it.runIf(process.platform === 'linux')(
  'has ended a group of which only a zombie is left',
  async () => {
    // `set -m` starts the first program in a new group; `exec` replaces the shell with one that never reaps it.
    // Both end when their input does.
    const script = 'set -m; cat & echo $!; exec cat > /dev/null';
    const parent = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(parent);
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const group = Number(printed.toString());
    expect(isRunning(group)).toBe(true);
    await endProcessGroup(group, 0);
    expect(isRunning(group)).toBe(false);
    expect(process.kill(-group, 0)).toBe(true);
  },
);
