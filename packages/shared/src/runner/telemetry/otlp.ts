/**
 * Spans and metrics as OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in
 * hexadecimal, whole numbers of 64 bits as text, enumerations as numbers. Pure.
 */
import type { TraceContext } from './trace-context.ts';

/** An undefined value is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Undefined where the trace begins. */
  readonly parentSpanId: string | undefined;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** What went wrong. */
  readonly error?: string | undefined;
}

/** What was counted or measured between the start and the end of a process. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  /** In UCUM, e.g. `s`, `By`, `{row}`. */
  readonly unit: string;
  readonly is: 'sum' | 'gauge' | 'histogram';
  readonly points: readonly {
    readonly attributes: Attributes;
    /** One value of a sum or a gauge; all that was measured of a histogram. */
    readonly values: readonly number[];
  }[];
}

/** The upper ends of a histogram's buckets, in seconds: from a day without rows to a large one on a busy cluster. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

const scope = { name: 'user-behaviour' };
/** AGGREGATION_TEMPORALITY_DELTA: a process tells only of itself. */
const delta = 1;
const internal = 1;
const failed = 2;
/** Of SpanFlags: sampled, and that it is known whether the parent is of another process. */
const flags = { local: 0x101, remote: 0x301 } as const;

const nanoseconds = (milliseconds: number): string => `${String(Math.round(milliseconds))}000000`;

function encodeValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

const encodeAttributes = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: encodeValue(value) }],
  );

/** An ExportTraceServiceRequest. */
export const encodeTraces = (
  resource: Attributes,
  { traceId, traceState, parentSpanId: caller }: TraceContext,
  spans: readonly Span[],
) => ({
  resourceSpans: [
    {
      resource: { attributes: encodeAttributes(resource) },
      scopeSpans: [
        {
          scope,
          spans: spans.map(({ name, spanId, parentSpanId, start, end, attributes, error }) => ({
            traceId,
            spanId,
            ...(parentSpanId !== undefined && { parentSpanId }),
            ...(traceState !== undefined && { traceState }),
            flags:
              parentSpanId !== undefined && parentSpanId === caller ? flags.remote : flags.local,
            name,
            kind: internal,
            startTimeUnixNano: nanoseconds(start),
            endTimeUnixNano: nanoseconds(end),
            attributes: encodeAttributes(attributes),
            status: error === undefined ? {} : { code: failed, message: error },
          })),
        },
      ],
    },
  ],
});

/** An ExportMetricsServiceRequest. Times in milliseconds since 1970. */
export function encodeMetrics(
  resource: Attributes,
  { start, end }: { readonly start: number; readonly end: number },
  metrics: readonly Metric[],
) {
  const encodePoint = (is: Metric['is'], { attributes, values }: Metric['points'][number]) => {
    const point = {
      attributes: encodeAttributes(attributes),
      ...(is !== 'gauge' && { startTimeUnixNano: nanoseconds(start) }),
      timeUnixNano: nanoseconds(end),
    };
    if (is === 'histogram') return { ...point, ...encodeHistogram(values) };
    const [value = 0] = values;
    return { ...point, ...(is === 'sum' ? { asInt: String(value) } : { asDouble: value }) };
  };
  return {
    resourceMetrics: [
      {
        resource: { attributes: encodeAttributes(resource) },
        scopeMetrics: [
          {
            scope,
            metrics: metrics.map(({ name, description, unit, is, points }) => ({
              name,
              description,
              unit,
              [is]: {
                dataPoints: points.map((point) => encodePoint(is, point)),
                ...(is !== 'gauge' && { aggregationTemporality: delta }),
                ...(is === 'sum' && { isMonotonic: true }),
              },
            })),
          },
        ],
      },
    ],
  };
}

/** A value that equals an end belongs to the bucket below it. */
function encodeHistogram(values: readonly number[]) {
  const counts = [...bounds, Infinity].map(() => 0);
  for (const value of values) {
    const bucket = bounds.findIndex((bound) => value <= bound);
    const index = bucket === -1 ? bounds.length : bucket;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return {
    count: String(values.length),
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    explicitBounds: bounds,
    bucketCounts: counts.map(String),
  };
}
