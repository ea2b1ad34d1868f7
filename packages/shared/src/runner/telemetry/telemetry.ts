/** Sends what a process did to a collector: one request with its spans, one with its metrics. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Environment } from '../config.ts';
import { type Attributes, encodeMetrics, encodeTraces, type Metric, type Span } from './otlp.ts';
import { type Refuse, telemetrySettings } from './settings.ts';
import { type TraceContext, traceContextOf } from './trace-context.ts';

export interface Telemetry {
  readonly trace: TraceContext;
  /** Undefined if no spans are sent. */
  readonly traceId: string | undefined;
  /** Sends both at the same time. @throws Error that names the collector that did not take its part. */
  readonly send: (report: ProcessReport, signal: AbortSignal) => Promise<void>;
}

/** What a process did from `start` to `end`, in milliseconds since 1970. */
export interface ProcessReport {
  readonly start: number;
  readonly end: number;
  readonly spans: readonly Span[];
  readonly metrics: readonly Metric[];
}

/** @throws what `refuse` makes if a variable is wrong. */
export function openTelemetry(
  environment: Environment,
  program: { readonly name: string; readonly version: string },
  refuse: Refuse,
): Telemetry {
  const { traces, metrics, headers, timeout, ...settings } = telemetrySettings(environment, refuse);
  const trace = traceContextOf(environment);
  const resource: Attributes = {
    'service.name': program.name,
    'service.version': program.version,
    ...settings.resource,
  };
  const send: Telemetry['send'] = async ({ start, end, ...report }, signal) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const post = (url: URL, content: unknown) => postJson(url, headers, content, limited);
    await Promise.all([
      traces !== undefined &&
        trace.isSampled &&
        post(traces, encodeTraces(resource, trace, report.spans)),
      metrics !== undefined &&
        report.metrics.length > 0 &&
        post(metrics, encodeMetrics(resource, { start, end }, report.metrics)),
    ]);
  };
  const traceId = traces !== undefined && trace.isSampled ? trace.traceId : undefined;
  return { trace, traceId, send };
}

/** By node:http, which the AWS SDK has already loaded; `fetch` would load undici. */
function postJson(
  url: URL,
  headers: Readonly<Record<string, string>>,
  content: unknown,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(content);
  // Without user and password.
  const place = `${url.origin}${url.pathname}`;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      reject(new Error(`the collector at ${place} ${why}`));
    };
    const { request } = url.protocol === 'https:' ? https : http;
    const options = {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    };
    request(url, options, (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else fail(`answered ${String(statusCode)}`);
    })
      .on('error', (error) => {
        fail(signal.aborted ? 'did not answer in time' : `cannot be reached (${error.message})`);
      })
      .end(body);
  });
}
