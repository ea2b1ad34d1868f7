import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { DayRecord } from '../runner/day-record.ts';
import { createLog } from '../runner/log.ts';
import { lineageSink } from './lineage-sink.ts';

const days = ['2010-12-01', '2010-12-02', '2010-12-03'];
const records = days.map((ds): DayRecord => ({
  ...{ job: 'stage-reviews', version: '0.1.0', ds, run: 'r', status: 'published', exit: 0 },
  ...{ seconds: 1, phases: [], rows: 3, publishedRun: 'r' },
  startedAt: '2010-12-02T00:15:00.000Z',
  finishedAt: '2010-12-02T00:16:00.000Z',
}));

interface Event {
  readonly eventType: string;
  readonly run: { readonly facets: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** A service that answers the first requests with these states, and the others with 201. */
async function service(...states: number[]) {
  const requests: { path: string; key: string | undefined; events: readonly Event[] }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const events = [JSON.parse(body)].flat() as Event[];
      requests.push({
        path: request.url ?? '',
        key: request.headers.authorization,
        events,
      });
      response.writeHead(states.shift() ?? 201).end('an answer');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const log = createLog('stage-reviews', 'json', { write: (line) => lines.push(line) }, 'info');
  const sink = await lineageSink({ PIPELINE_BUCKET: 'b', ...environment }, log);
  await sink?.send(records, new AbortController().signal);
  return { sink, lines };
}

describe('events', () => {
  it.each<Readonly<Record<string, string>>>([
    {},
    { OPENLINEAGE_URL: '' },
    { OPENLINEAGE_URL: 'http://127.0.0.1:1', OPENLINEAGE_DISABLED: 'true' },
  ])('are not sent with %j', async (environment) => {
    expect((await send(environment)).sink).toBeUndefined();
  });

  it('are sent one by one, the start of a day before its end, with the key', async () => {
    await using server = await service();
    await send({
      OPENLINEAGE_URL: server.url,
      OPENLINEAGE_API_KEY: 'k',
      OPENLINEAGE_DISABLED: 'false',
    });
    expect(server.requests).toHaveLength(6);
    expect(new Set(server.requests.map(({ path, key }) => `${path} ${String(key)}`))).toEqual(
      new Set(['/api/v1/lineage Bearer k']),
    );
    const all = server.requests.flatMap(({ events }) => events);
    for (const ds of days) {
      const own = all.filter(
        ({ run }) => run.facets['nominalTime']?.['nominalStartTime']?.startsWith(ds) === true,
      );
      expect(own.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
    }
  });

  it('are sent at once to an endpoint of batches, below the path of the URL', async () => {
    await using server = await service();
    const OPENLINEAGE_ENDPOINT = 'api/v1/lineage/batch';
    await send({ OPENLINEAGE_URL: `${server.url}/marquez`, OPENLINEAGE_ENDPOINT });
    expect(server.requests.map(({ path, events }) => [path, events.length])).toEqual([
      ['/marquez/api/v1/lineage/batch', 6],
    ]);
  });

  it('that a service refuses are an error that says how many days it has', async () => {
    await using server = await service(500);
    const sending = send({ OPENLINEAGE_URL: server.url });
    await expect(sending).rejects.toThrow(
      /^HTTP status 500; it has the events of \d of 3 days, and operator lineage prints all$/,
    );
  });

  it.each(['marquez:5000', 'no address', 'ftp://x'])('to %j are an error', async (url) => {
    await expect(send({ OPENLINEAGE_URL: url })).rejects.toThrow(
      /^OPENLINEAGE_URL and OPENLINEAGE_ENDPOINT are wrong: expected an http\(s\) URL and a path$/,
    );
  });

  it('are sent without a parent that nobody can read; the log names the variable', async () => {
    await using server = await service();
    const { lines } = await send({ OPENLINEAGE_URL: server.url, OPENLINEAGE_PARENT_ID: 'airflow' });
    expect(server.requests).toHaveLength(6);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('OPENLINEAGE_PARENT_ID is ignored');
  });
});
