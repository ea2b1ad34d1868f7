import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseDs } from '@user-behaviour/shared/ds';
import type { encodeTraces } from '@user-behaviour/shared/runner/telemetry/otlp';
import { traceContextOf } from '@user-behaviour/shared/runner/telemetry/trace-context';
import { expect, it, onTestFinished } from 'vitest';
import { ChainTrace } from './chain-trace.ts';

const [traceId, caller] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const days = [parseDs('2010-12-01'), parseDs('2010-12-02')];
type Traces = ReturnType<typeof encodeTraces>;

/** A collector that takes all, or answers with another status. */
async function collector(status = 200) {
  const taken: Traces[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      taken.push(JSON.parse(body) as Traces);
      response.writeHead(status).end();
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(port)}` },
    taken,
  };
}

it('has a span for the command and one for each process, which the job continues', async () => {
  const { environment, taken } = await collector();
  const TRACEPARENT = `00-${traceId}-${caller}-01`;
  const trace = new ChainTrace(days, { ...environment, TRACEPARENT, TRACESTATE: 'a=1' });
  const extract = trace.startJob('extract-purchases', days);
  const load = trace.startJob('redshift-load', days);
  extract.end(0);
  load.end(65);
  const said: string[] = [];
  await trace.end(65, (line) => said.push(line));
  expect(said).toEqual([]);

  expect(taken).toHaveLength(1);
  const [first, second, whole] = taken[0]?.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  expect([first, second, whole]).toMatchObject([
    { name: 'start extract-purchases', traceId, status: {} },
    { name: 'start redshift-load', traceId, status: { code: 2, message: 'exit code 65' } },
    { name: 'pipeline', traceId, parentSpanId: caller, status: { code: 2 } },
  ]);
  expect([first?.parentSpanId, second?.parentSpanId]).toEqual([whole?.spanId, whole?.spanId]);
  expect(traceContextOf(extract.variables)).toEqual({
    traceId,
    parentSpanId: first?.spanId,
    isSampled: true,
    traceState: 'a=1',
  });
  expect(traceContextOf(load.variables).parentSpanId).toBe(second?.spanId);
});

it('says that the trace is incomplete, and does not fail', async () => {
  const { environment } = await collector(500);
  const said: string[] = [];
  await new ChainTrace(days, environment).end(0, (line) => said.push(line));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^the trace is incomplete: .*answered 500; the work is unaffected$/);
});
