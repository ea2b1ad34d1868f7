/** The events of a day that the real jobs have run, as a service receives them, beside those of `operator lineage`. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@user-behaviour/shared/lineage/run-events';
import { jobs } from '@user-behaviour/shared/pipeline';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import {
  type LineageReceiver,
  startLineageReceiver,
} from '@user-behaviour/testkit/lineage-receiver';
import { faultsOfEvent } from '@user-behaviour/testkit/lineage-schemas';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';

const ds = '2010-12-01';
const runId = '01933e5c-7b1a-7c3e-8f0d-2b1c4d5e6f70';
const parent = { OPENLINEAGE_PARENT_ID: `airflow/user_behaviour.day/${runId}` };

let env: Readonly<Record<string, string>>;
let password: string;
const bundles = new Map<string, BundledJob>();

beforeAll(async () => {
  for (const job of jobs) bundles.set(job, await bundleJob(job));
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await startTestCloud(['postgres', 's3', 'emr', 'redshift']));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'lineage-'))).path;
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  password = new URL(database.url).password;
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  env = await seeded({ ...bucket.env, ...source }, folder);
  return () => stack.disposeAsync();
}, 600_000);

const eventsOf = ({ requests }: LineageReceiver<RunEvent>) =>
  requests.flatMap(({ events }) => events);
const ends = (events: readonly RunEvent[]) =>
  events.filter(({ eventType }) => eventType !== 'START');
/** What must be the same, whoever makes the event. */
const identity = ({ job, run, inputs, outputs }: RunEvent) => {
  const names = (datasets: RunEvent['inputs']) =>
    datasets.map(({ namespace, name, facets }) => [
      namespace,
      name,
      facets['version']?.['datasetVersion'],
    ]);
  return { job: job.name, runId: run.runId, inputs: names(inputs), outputs: names(outputs) };
};

it(
  'are valid, connected, and those that operator lineage makes later',
  { timeout: 240_000 },
  async () => {
    await using receiver = await startLineageReceiver<RunEvent>();
    const sending = { ...env, ...parent, OPENLINEAGE_URL: receiver.url };
    const ran = await runOperator(sending, 'run', `--ds=${ds}`);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const sent = eventsOf(receiver);
    expect(sent).toHaveLength(2 * jobs.length);
    for (const event of sent) {
      expect(faultsOfEvent(event)).toEqual([]);
      expect(event.run.facets['parent']).toMatchObject({ run: { runId } });
    }
    const done = ends(sent);
    expect(done.map(({ eventType }) => eventType)).toEqual(jobs.map(() => 'COMPLETE'));
    for (const { outputs } of done) {
      expect(outputs[0]?.outputFacets?.['outputStatistics']?.['rowCount']).toBeGreaterThan(0);
    }
    const load = done.find(({ job }) => job.name === 'redshift-load');
    expect(load?.job.facets['sql']?.['query']).toContain('insert into public.user_behavior_metric');
    expect(JSON.stringify(load?.inputs)).toContain('amount_not_inflated');
    expect(password).not.toBe('');
    expect(JSON.stringify(sent)).not.toContain(`:${password}@`);

    const written = new Set(done.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
    const read = done.flatMap(({ inputs }) => inputs.map(({ name }) => name));
    expect(read.filter((name) => !written.has(name))).toHaveLength(2);

    const later = await runOperator(env, 'lineage', `--from=${ds}`, `--to=${ds}`);
    expect(later, later.stderr).toMatchObject({ code: 0, stderr: '' });
    const made = later.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    expect(made).toHaveLength(2 * jobs.length);
    for (const event of made) expect(faultsOfEvent(event)).toEqual([]);
    const byJob = (events: readonly RunEvent[]) =>
      ends(events)
        .map(identity)
        .sort((a, b) => a.job.localeCompare(b.job));
    expect(byJob(made)).toEqual(byJob(sent));

    const again = await runOperator(sending, 'backfill', `--from=${ds}`, `--to=${ds}`);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const load2 = await bundles.get('redshift-load')?.run(sending, `--ds=${ds}`);
    expect(load2).toMatchObject({ code: 0, summaries: [{ status: 'unchanged' }] });
    const unchanged = ends(eventsOf(receiver)).at(-1);
    expect(unchanged).toMatchObject({ eventType: 'COMPLETE', job: { name: 'redshift-load' } });
    expect(unchanged?.outputs[0]?.outputFacets).toEqual({});
  },
);

it('name a failure, and a service that hangs or refuses changes no exit code', async () => {
  const staging = bundles.get('stage-reviews');
  const days = ['--ds=2010-11-01', '--through=2010-11-02'];
  await using receiver = await startLineageReceiver<RunEvent>();
  const failed = await staging?.run({ ...env, OPENLINEAGE_URL: receiver.url }, ...days);
  const codes = [failed?.code];
  const events = ends(eventsOf(receiver));
  expect(events.map(({ eventType }) => eventType)).toEqual(['FAIL', 'FAIL']);
  for (const event of events) {
    expect(faultsOfEvent(event)).toEqual([]);
    expect(event.run.facets['errorMessage']?.['message']).toContain('2010-11-0');
  }

  await using hanging = await startLineageReceiver<RunEvent>('never');
  await using refusing = await startLineageReceiver<RunEvent>(503);
  for (const url of [hanging.url, refusing.url, 'http://127.0.0.1:1', 'nowhere']) {
    const started = performance.now();
    const ended = await staging?.run({ ...env, OPENLINEAGE_URL: url }, ...days);
    codes.push(ended?.code);
    expect(performance.now() - started).toBeLessThan(10_000);
    const warnings = ended?.log.filter(({ msg }) => String(msg).includes('OPENLINEAGE_URL'));
    expect(warnings, url).toHaveLength(1);
  }
  expect(failed?.code).toBe(75);
  expect(new Set(codes)).toEqual(new Set([failed?.code]));
});
