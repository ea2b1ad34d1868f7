import { appendFile, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openProgress } from './progress.ts';

const quiet = { quiet: (): Promise<number> => Promise.resolve(0), isPatient: true };

/** Measures the keys with this progress; `stopped` ends the process at that key. */
async function measured(file: string, circumstances: string, keys: string[], stopped?: string) {
  const progress = await openProgress(file, circumstances, quiet);
  const ran: string[] = [];
  const values: unknown[] = [];
  for (const key of keys) {
    if (key === stopped) break;
    values.push(
      await progress.once(key, () => {
        ran.push(key);
        return Promise.resolve({ wall: key.length });
      }),
    );
  }
  return { progress, ran, values };
}

it('a section that was stopped measures what is missing, under the same circumstances alone', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-progress-'));
  const file = join(folder.path, 'progress/big.jsonl');
  const keys = ['a 0', 'b 0', 'b 11'];
  expect((await measured(file, 'this commit', keys, 'b 11')).ran).toEqual(['a 0', 'b 0']);

  const again = await measured(file, 'this commit', keys);
  expect(again.ran).toEqual(['b 11']);
  expect(again.progress.found).toBe(2);
  expect(again.values).toEqual([{ wall: 3 }, { wall: 3 }, { wall: 4 }]);
  expect((await measured(file, 'this commit', keys)).ran).toEqual([]);

  const other = await measured(file, 'another commit', keys);
  expect(other.ran).toEqual(keys);
  expect([other.progress.found, other.progress.discarded]).toEqual([0, 3]);
  await other.progress.close();
  expect((await measured(file, 'another commit', keys)).ran).toEqual(keys);
});

it('a line that was being written when the process was killed is measured again', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-progress-'));
  const file = join(folder.path, 'big.jsonl');
  await measured(file, 'this', ['a', 'b']);
  await appendFile(file, '{"key":"c","others":0,"val');
  expect((await measured(file, 'this', ['a', 'b', 'c', 'd'])).ran).toEqual(['c', 'd']);
  expect((await measured(file, 'this', ['a', 'b', 'c', 'd'])).ran).toEqual([]);
  expect(await readFile(file, 'utf8')).toMatch(/^\{"circumstances":"this"\}\n(\{.*\}\n){4}$/);
});

it('a measurement that fails is not kept', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-progress-'));
  const progress = await openProgress(join(folder.path, 'big.jsonl'), 'this', quiet);
  await expect(progress.once('a', () => Promise.reject(new Error('stopped')))).rejects.toThrow();
  expect(await progress.once('a', () => Promise.resolve(1))).toBe(1);
});

it('one measurement on a busy machine marks the section, until a patient run repeats it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bench-progress-'));
  const file = join(folder.path, 'big.jsonl');
  const half = { quiet: () => Promise.resolve(0.5), isPatient: false };
  const measure = () => Promise.resolve(1);
  await (await openProgress(file, 'this', quiet)).once('a', measure);
  await (await openProgress(file, 'this', half)).once('b', measure);
  const impatient = await openProgress(file, 'this', half);
  expect(impatient).toMatchObject({ found: 2, discarded: 0 });
  expect([impatient.others(), impatient.isBusy()]).toEqual([0.25, true]);

  const patient = await openProgress(file, 'this', quiet);
  expect(patient).toMatchObject({ found: 1, discarded: 1 });
  await patient.once('b', measure);
  expect([patient.others(), patient.isBusy()]).toEqual([0, false]);
});
