/** One trace through the operator and all jobs, and what becomes of a run whose collector is of no use. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { encodeMetrics, encodeTraces } from '@user-behaviour/shared/runner/telemetry/otlp';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';
import { operator as runOperator } from '@user-behaviour/testkit/operator-command';
import { seeded } from '@user-behaviour/testkit/seed-command';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { beforeAll, expect, it } from 'vitest';

const jobs = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'];
const [traceId, caller] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

let cloud: TestCloud;
beforeAll(async () => {
  for (const job of jobs) await bundleJob(job);
  cloud = await startTestCloud(['postgres', 's3', 'emr', 'redshift']);
  return () => cloud[Symbol.asyncDispose]();
});

type Request = ReturnType<typeof encodeTraces> & ReturnType<typeof encodeMetrics>;
type Encoded = NonNullable<
  Request['resourceSpans'][number]['scopeSpans'][number]['spans'][number]
> & { readonly parentSpanId?: string };

/** A collector that answers as told; undefined never answers. */
async function startCollector() {
  const requests: Partial<Request>[] = [];
  let status: number | undefined = 200;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push(JSON.parse(body) as Partial<Request>);
      if (status !== undefined) response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    answer: (next: number | undefined) => (status = next),
    take: () => requests.splice(0),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The service of each span, with the span. */
const spansOf = (requests: readonly Partial<Request>[]) =>
  requests
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ resource, scopeSpans }) => {
      const name = resource.attributes.find(({ key }) => key === 'service.name')?.value;
      const spans = (scopeSpans[0]?.spans ?? []) as readonly Encoded[];
      return spans.map((span) => ({ service: String(name?.stringValue), ...span }));
    });

it('continues the trace of its caller in every job, and never fails for its collector', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'telemetry-'));
  await using bucket = await freshBucket(cloud);
  await using database = await freshDatabase(cloud);
  using collector = await startCollector();
  const source = { SOURCE_DATABASE_URL: database.url, PATH: process.env['PATH'] ?? '' };
  const env = await seeded({ ...bucket.env, ...source }, temporary.path);
  const run = (more: Readonly<Record<string, string>>) =>
    runOperator({ ...env, ...more }, 'run', '--ds=2010-12-01', '--verbose');
  const traced = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2',
    TRACEPARENT: `00-${traceId}-${caller}-01`,
  };

  const first = await run(traced);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  const requests = collector.take();
  const spans = spansOf(requests);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const span of spans) {
    expect(span.traceId).toBe(traceId);
    expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(span.startTimeUnixNano).toMatch(/^\d{19}$/);
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    if (span.parentSpanId !== caller) expect(byId.has(span.parentSpanId ?? '')).toBe(true);
  }
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === caller);
  expect(roots.map(({ service, name }) => [service, name])).toEqual([['operator', 'pipeline']]);
  const phases = Object.fromEntries(
    jobs.map((job) => {
      const own = spans.filter(({ service }) => service === job);
      expect(byId.get(own[0]?.parentSpanId ?? '')).toMatchObject({ name: `start ${job}` });
      return [job, own.map(({ name }) => name)];
    }),
  );
  expect(phases).toEqual({
    'extract-purchases': ['extract-purchases', 'day', 'source', 'copy', 'upload', 'publish'],
    'stage-reviews': ['stage-reviews', 'day', 'source', 'script', 'stage', 'publish'],
    'emr-clean': ['emr-clean', 'day', 'input', 'to-hdfs', 'spark', 'from-hdfs', 'publish'],
    'redshift-load': expect.arrayContaining([
      'redshift-load',
      'day',
      'upstream',
      'prepare',
      'plan',
      'partitions',
      'submit',
      'audits',
    ]) as string[],
  });
  const metrics = requests.flatMap(({ resourceMetrics = [] }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) =>
      (scopeMetrics[0]?.metrics ?? []).map(({ name }) => name),
    ),
  );
  expect(metrics.sort()).toEqual(
    ['bytes', 'day.duration', 'lag', 'rows']
      .flatMap((name) => jobs.map(() => `pipeline.${name}`))
      .sort(),
  );
  // No password of the source, no token of the collector, no row.
  const sent = JSON.stringify(requests);
  for (const secret of ['hunter2', new URL(database.url).password, '85123A', 'WHITE HANGING']) {
    if (secret !== '') expect(sent).not.toContain(secret);
  }

  collector.answer(500);
  const refused = await run(traced);
  expect(refused, refused.stderr).toMatchObject({ code: 0 });
  expect(refused.stderr).toMatch(/could not be sent to OpenTelemetry: .* answered 500/);

  collector.answer(undefined);
  const hanging = await run(traced);
  expect(hanging, hanging.stderr).toMatchObject({ code: 0 });
  expect(hanging.stderr).toMatch(/could not be sent to OpenTelemetry: no answer within 1 s/);

  collector.answer(200);
  collector.take();
  const wrong = await run({ ...traced, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  expect(wrong).toMatchObject({ code: 78 });
  expect(wrong.stderr).toContain('OTEL_EXPORTER_OTLP_PROTOCOL is wrong: expected http/json');
  const unset = await run({ TRACEPARENT: traced.TRACEPARENT });
  expect(unset, unset.stderr).toMatchObject({ code: 0 });
  expect(collector.take()).toEqual([]);
});
