/**
 * The variables of OpenTelemetry (https://opentelemetry.io/docs/specs/otel/protocol/exporter/) that
 * `telemetryVariables` declares. Read only if one of the endpoints is set. Messages never contain a value, because
 * it may be a secret.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isSet } from '../../environment/is-set.ts';
import type { Environment } from '../config.ts';

export interface TelemetrySettings {
  /** Undefined for what is not sent. */
  readonly traces: URL | undefined;
  readonly metrics: URL | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly resource: Readonly<Record<string, string>>;
}

/** Makes the error that names every wrong variable: `refuseVariables`. */
export type Refuse = (faults: string) => Error;

/** @throws what `refuse` makes of the wrong variables. */
export function telemetrySettings(environment: Environment, refuse: Refuse): TelemetrySettings {
  const faults: string[] = [];
  const read = <T>(name: string, otherwise: T, expected: string, parse: (text: string) => T): T => {
    if (!isSet(environment, name)) return otherwise;
    try {
      return parse(environment[name] ?? '');
    } catch {
      faults.push(`${name} is wrong: expected ${expected}`);
      return otherwise;
    }
  };
  const endpoint = (signal: 'traces' | 'metrics'): URL | undefined => {
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
    if (isSet(environment, own)) return read(own, undefined, anUrl, parseUrl);
    return read('OTEL_EXPORTER_OTLP_ENDPOINT', undefined, anUrl, (text) => {
      const url = parseUrl(text);
      url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`;
      return url;
    });
  };
  const [traces, metrics] = [endpoint('traces'), endpoint('metrics')];
  read(
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    '',
    'http/json, which a collector takes at port 4318',
    (text) => {
      if (text !== 'http/json') throw new Error();
      return text;
    },
  );
  const settings = {
    traces,
    metrics,
    headers: read('OTEL_EXPORTER_OTLP_HEADERS', {}, pairs, (text) => {
      const headers = parsePairs(text);
      for (const [name, value] of Object.entries(headers)) {
        validateHeaderName(name);
        validateHeaderValue(name, value);
      }
      return headers;
    }),
    timeout: read(
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      10_000,
      'milliseconds, from 1 to 60000',
      parseTimeout,
    ),
    resource: {
      ...read('OTEL_RESOURCE_ATTRIBUTES', {}, pairs, parsePairs),
      ...(isSet(environment, 'OTEL_SERVICE_NAME') && {
        'service.name': environment['OTEL_SERVICE_NAME'] ?? '',
      }),
    },
  };
  if (faults.length === 0) return settings;
  throw refuse([...new Set(faults)].join('; '));
}

const anUrl = 'an http(s) URL';
const pairs = 'key=value,key=value, with percent-encoded values';

function parseUrl(text: string): URL {
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw new Error();
  return url;
}

function parseTimeout(text: string): number {
  const milliseconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (milliseconds < 1 || milliseconds > 60_000) throw new Error();
  return milliseconds;
}

/** @throws Error unless each pair has a name and a value that can be decoded. */
function parsePairs(text: string): Record<string, string> {
  const list = text.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    list.map((pair) => {
      const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw new Error();
      return [decodeURIComponent(name), decodeURIComponent(value)];
    }),
  );
}
