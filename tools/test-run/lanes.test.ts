import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from 'vitest';
import { runSteps, type Step } from './lanes.mjs';

const node = (name: string, code: string, more: Partial<Step> = {}): Step => ({
  name,
  command: [execPath, '--input-type=module', '-e', code],
  ...more,
});

/** Runs the steps and returns what they wrote, too. */
async function run(steps: readonly Step[], folder: string, lanes = 2) {
  const chunks: Buffer[] = [];
  const sink = { write: (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk)) };
  const outcomes = await runSteps(steps, { cwd: folder, lanes, out: sink, err: sink });
  return { outcomes, output: Buffer.concat(chunks).toString() };
}

const note = (line: string) =>
  `await (await import('node:fs/promises')).appendFile('log', '${line}\\n');`;
const until = (line: string) =>
  `while (!(await (await import('node:fs/promises')).readFile('log', 'utf8').catch(() => '')).includes('${line}'))
     await new Promise((resolve) => setTimeout(resolve, 10));`;

describe('the steps', () => {
  it('run two at a time, in order, and after those they need', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lanes-'));
    const step = (name: string, wait: string, more: Partial<Step> = {}) =>
      node(name, `${note(`+${name}`)}${wait}${note(`-${name}`)}`, more);
    const steps = [
      step('a', until('+c')),
      step('b', '', { after: ['a'] }),
      step('c', until('+a')),
      step('d', ''),
      step('e', ''),
    ];
    const { outcomes } = await run(steps, folder.path);
    expect(outcomes.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    const log = (await readFile(join(folder.path, 'log'), 'utf8')).trim().split('\n');
    expect(log.indexOf('+b')).toBeGreaterThan(log.indexOf('-a'));
    let running = 0;
    const counts = log.map((line) => (running += line.startsWith('+') ? 1 : -1));
    expect(Math.max(...counts)).toBe(2);
  });

  it('run though one before them failed or could not start, and each outcome says so', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lanes-'));
    const steps: readonly Step[] = [
      node('red', 'process.exit(3)'),
      { name: 'nowhere', command: ['/nowhere/program'] },
      node('killed', "process.kill(process.pid, 'SIGKILL')"),
      node('green', '', { after: ['red'] }),
    ];
    const { outcomes, output } = await run(steps, folder.path, 1);
    expect(outcomes.map(({ name, failure }) => [name, failure])).toEqual([
      ['red', '3'],
      ['nowhere', expect.stringContaining('ENOENT')],
      ['killed', 'SIGKILL'],
      ['green', undefined],
    ]);
    expect(output).toContain('== red: FAILED (3), ');
    expect(output).toContain('== green: ok, ');
  });

  it('that wait for one that is not there are an error', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'lanes-'));
    const lost = run([node('a', '', { after: ['b'] })], folder.path);
    await expect(lost).rejects.toThrow('a');
  });
});

it('the output of each step stays together, in the order of their starts', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'lanes-'));
  const talk = (name: string, wait: string) =>
    node(
      name,
      `console.log('${name}', 1); ${wait} console.log('${name}', 2); console.error('${name} over');
       ${note(name)}`,
    );
  const steps = [talk('slow', until('next')), talk('quick', ''), talk('next', '')];
  const { outcomes, output } = await run(steps, folder.path);
  expect(outcomes[0]?.name).toBe('quick');
  const said = output.split('\n').filter((line) => line !== '' && !line.startsWith('=='));
  expect(said.map((line) => line.split(' ')[0])).toEqual(
    ['slow', 'quick', 'next'].flatMap((name) => [name, name, name]),
  );
});
