import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Environment } from '../config.ts';
import { refuseVariables } from './config.ts';
import { openTelemetry, type ProcessReport } from './telemetry.ts';

interface Request {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A collector that answers with this status; never, without one. */
async function collector(status?: number) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url: path, headers } = request;
      requests.push({ path, headers, body: JSON.parse(body) });
      if (status !== undefined) response.writeHead(status).end('{"partialSuccess":{}}');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, requests };
}

const point = { attributes: {}, values: [1] };
const report: ProcessReport = {
  start: 1,
  end: 2,
  spans: [
    {
      name: 'a',
      spanId: '0123456789abcdef',
      parentSpanId: undefined,
      start: 1,
      end: 2,
      attributes: {},
    },
  ],
  metrics: [{ name: 'm', description: '', unit: 's', is: 'gauge', points: [point] }],
};
const program = { name: 'some-job', version: '1.2.3' };
const send = (environment: Environment, signal = new AbortController().signal) =>
  openTelemetry(environment, program, refuseVariables).send(report, signal);
const endpoint = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });

describe('telemetry', () => {
  it('is one request for the spans and one for the metrics, with the headers', async () => {
    const { url, requests } = await collector(200);
    await send({ ...endpoint(url), OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20x' });
    const paths = requests.map(({ path }) => path).sort();
    expect(paths).toEqual(['/v1/metrics', '/v1/traces']);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        authorization: 'Basic x',
      });
    }
    const resource = {
      attributes: expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'some-job' } },
        { key: 'service.version', value: { stringValue: '1.2.3' } },
      ]) as unknown,
    };
    const bodies = Object.assign({}, ...requests.map(({ body }) => body as object)) as unknown;
    expect(bodies).toMatchObject({
      resourceSpans: [{ resource }],
      resourceMetrics: [{ resource }],
    });
  });

  it('sends no spans of a trace that nobody keeps', async () => {
    const { url, requests } = await collector(200);
    const TRACEPARENT = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;
    await send({ ...endpoint(url), TRACEPARENT });
    expect(requests.map(({ path }) => path)).toEqual(['/v1/metrics']);
    expect(
      openTelemetry({ ...endpoint(url), TRACEPARENT }, program, refuseVariables).traceId,
    ).toBeUndefined();
  });

  it('is refused with the address of the collector, without password and token', async () => {
    const { url } = await collector(503);
    const secret = url.replace('//', '//user:hunter2@');
    const failing = send({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${secret}/in?token=hunter2` });
    await expect(failing).rejects.toThrow(`the collector at ${url}/in answered 503`);
  });

  it('ends where nobody listens', async () => {
    const { url } = await collector(200);
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    await expect(send(endpoint(url))).rejects.toThrow('cannot be reached (connect ECONNREFUSED');
  });

  it('does not wait for a collector that is silent, as its signal says', async () => {
    const { url, requests } = await collector();
    const stop = new AbortController();
    const sending = send(endpoint(url), stop.signal);
    await expect.poll(() => requests.length).toBe(2);
    stop.abort();
    await expect(sending).rejects.toThrow('did not answer in time');
  });

  it('does not wait for it beyond OTEL_EXPORTER_OTLP_TIMEOUT', async () => {
    const { url } = await collector();
    const sending = send({ ...endpoint(url), OTEL_EXPORTER_OTLP_TIMEOUT: '20' });
    await expect(sending).rejects.toThrow('did not answer in time');
  });
});
