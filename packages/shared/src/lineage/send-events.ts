/** Sends the events of a process's runs to a service that takes OpenLineage events, such as Marquez. */
import http, { type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { mapConcurrently } from '../concurrency.ts';
import type { Configuration, Environment } from '../runner/config.ts';
import type { DayRecord } from '../runner/day-record.ts';
import { parentsOf } from './parent-run.ts';
import { placeOf } from './places.ts';
import { eventsOf } from './run-events.ts';
import type { lineageVariables } from './config.ts';

/** Days whose events are sent at the same time. */
const atOnce = 8;

export interface LineageSettings {
  readonly environment: Environment;
  readonly settings: Configuration<typeof lineageVariables>;
  readonly sql?: string | undefined;
  /** Is told of variables that are wrong, and therefore ignored. */
  readonly complain: (message: string) => void;
}

/**
 * Two requests a day, START before the end, or one for all if the endpoint is that of batches.
 * @throws an error that says how many days' events have been sent, if not all could be.
 */
export async function sendEvents(
  records: readonly DayRecord[],
  { environment, settings, sql, complain }: LineageSettings,
  signal: AbortSignal,
): Promise<void> {
  const url = addressOf(settings.OPENLINEAGE_URL ?? '', settings.OPENLINEAGE_ENDPOINT);
  const key = settings.OPENLINEAGE_API_KEY;
  const context = {
    namespace: settings.OPENLINEAGE_NAMESPACE,
    placeOf: (dataset: string) => placeOf(dataset, environment),
    parents: parentsOf(environment, complain),
    sql,
  };
  const headers = {
    'content-type': 'application/json',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const post = (body: unknown) => postJson(url, headers, JSON.stringify(body), signal);
  const days = records.map((record) => eventsOf(record, context));
  if (url.pathname.endsWith('/batch')) {
    await post(days.flat());
    return;
  }
  let sent = 0;
  try {
    await mapConcurrently(atOnce, days, async (events) => {
      for (const event of events) await post(event);
      sent += 1;
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${why}; it has the events of ${String(sent)} of ${String(days.length)} days, and operator lineage prints all`,
      { cause: error },
    );
  }
}

/** By the module that the AWS SDK has loaded already: `fetch` would load another client within the time limit. */
function postJson(
  url: URL,
  headers: OutgoingHttpHeaders,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const { request } = url.protocol === 'https:' ? https : http;
  request(url, { method: 'POST', headers, signal }, (answer) => {
    const status = answer.statusCode ?? 0;
    answer.resume();
    if (status >= 200 && status < 300) resolve(undefined);
    else reject(new Error(`HTTP status ${String(status)}`));
  })
    .on('error', reject)
    .end(body);
  return promise;
}

function addressOf(base: string, endpoint: string): URL {
  const folder = base.endsWith('/') ? base : `${base}/`;
  const url = URL.canParse(endpoint, folder) ? new URL(endpoint, folder) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Error(
    'OPENLINEAGE_URL and OPENLINEAGE_ENDPOINT are wrong: expected an http(s) URL and a path',
  );
}
