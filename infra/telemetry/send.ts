/** Starts the collector that `COLLECTOR` names, sends it the telemetry of two days, and compares what it wrote. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import { refuseVariables } from '@user-behaviour/shared/runner/telemetry/config';
import { jobTelemetry } from '@user-behaviour/shared/runner/telemetry/job-telemetry';

const [, , configuration = ''] = process.argv;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

const day: DayRecord = {
  job: 'extract-purchases',
  version: '0.1.0',
  ds: '2010-12-01',
  run: 'r1',
  status: 'published',
  exit: 0,
  seconds: 3,
  startedAt: '2010-12-02T00:15:00.000Z',
  finishedAt: '2010-12-02T00:15:03.000Z',
  rows: 1450,
  bytes: 123_456,
  phases: [{ name: 'copy', startedAt: '2010-12-02T00:15:01.000Z', seconds: 1.5 }],
};
const failed: DayRecord = { ...day, ds: '2010-12-02', status: 'failed', exit: 65, kind: 'data' };

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

/** Tries again while the collector begins to listen, or has not yet written. */
async function eventually<T>(work: () => Promise<T> | T): Promise<T> {
  for (let tries = 100; ; tries -= 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === 0) throw error;
      await pause(100);
    }
  }
}

using folder = mkdtempDisposableSync(join(tmpdir(), 'otel-'));
const output = join(folder.path, 'taken.jsonl');
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const collector = spawn(env['COLLECTOR'] ?? '', [`--config=${configuration}`], {
  env: { ...env, COLLECTOR_PORT: port, COLLECTOR_OUTPUT: output },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    TRACEPARENT: `00-${traceId}-00f067aa0ba902b7-01`,
  };
  const job = { name: day.job, version: day.version };
  const { sink } = jobTelemetry(variables, job, refuseVariables);
  await eventually(() => sink.send([day, failed], AbortSignal.timeout(1_000)));
  const taken = await eventually(() => {
    const text = readFileSync(output, 'utf8');
    assert.match(text, /resourceSpans/);
    assert.match(text, /resourceMetrics/);
    return text;
  });
  const spans = taken.match(new RegExp(`"traceId":"${traceId}"`, 'g'));
  assert.equal(spans?.length, 5, 'a span for the process, two days and two phases');
  for (const name of ['day.duration', 'rows', 'bytes', 'lag'])
    assert.match(taken, new RegExp(`"name":"pipeline.${name}"`));
  assert.match(taken, /"asInt":"1450"/);

  const wrong = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'xyz' }] }] }] };
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(wrong);
  const reply = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  assert.equal(reply.status, 400, 'the collector refuses what is not OTLP');
  stdout.write(
    'test-otel: the collector took 5 spans and 4 metrics, and refused a wrong trace id\n',
  );
} finally {
  collector.kill();
}
