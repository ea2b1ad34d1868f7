/** The jobs take no more than twice the CPU time that docs/benchmarks/ratios.json has recorded, beside the same programs. */
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { env } from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { paths, workspace } from '../src/paths.ts';
import { readStore, type Figures } from '../src/published/section-figures.ts';
import { figuresOfEntries } from '../src/published/summarise.ts';
import { measureCpu } from '../src/sections/ratios.ts';

const recorded = (await readStore(workspace)).get('ratios')?.entries ?? [];
const ours = recorded.filter(({ kind }) => kind === 'ours');

let cloud: TestCloud;
let measured: readonly Figures[];
beforeAll(async () => {
  await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
  const entries = await measureCpu({
    env: { PATH: env['PATH'] ?? '', ...cloud.env },
    rounds: 5,
    python: paths.python,
    signal: new AbortController().signal,
    once: (_key, measure) => measure(),
  });
  measured = figuresOfEntries('ratios', entries);
});
afterAll(() => cloud[Symbol.asyncDispose]());

it('measures what is recorded', () => {
  const keys = (figures: readonly Figures[]) => figures.map(({ name, size }) => [name, size]);
  expect(keys(measured)).toEqual(keys(recorded));
  expect(ours.length).toBeGreaterThan(0);
});

it.each(ours)('$name, $size rows: at most twice the recorded $ratio', ({ name, size, ratio }) => {
  const now = measured.find((one) => one.name === name && one.size === size);
  expect(now?.ratio, JSON.stringify(measured, undefined, 2)).toBeLessThan(2 * (ratio ?? 0));
});
