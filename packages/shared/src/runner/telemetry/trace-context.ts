/**
 * Where a process belongs in a trace: W3C Trace Context (https://www.w3.org/TR/trace-context/) in the variables
 * TRACEPARENT and TRACESTATE, as OpenTelemetry names them. Pure but for the random ids.
 */
import { randomBytes } from 'node:crypto';
import type { Environment } from '../config.ts';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits; undefined where a trace begins. */
  readonly parentSpanId?: string;
  /** False if the caller has decided that nobody keeps this trace. */
  readonly isSampled: boolean;
  /** What others add to the trace, handed on as it is. */
  readonly traceState?: string;
}

/** Of a later version, only what this version knows is read. */
const form =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Continues the caller's trace. Without one, or with one that is malformed, a new trace begins. */
export function traceContextOf({ TRACEPARENT, TRACESTATE }: Environment): TraceContext {
  const [, version, traceId, parentSpanId, flags = '', more] = form.exec(TRACEPARENT ?? '') ?? [];
  if (traceId === undefined || parentSpanId === undefined || (version === '00' && more)) {
    return { traceId: randomBytes(16).toString('hex'), isSampled: true };
  }
  return {
    traceId,
    parentSpanId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    ...(TRACESTATE !== undefined &&
      /^[ -~]{1,512}$/.test(TRACESTATE) && { traceState: TRACESTATE }),
  };
}

export const newSpanId = (): string => randomBytes(8).toString('hex');

/** TRACEPARENT and TRACESTATE for a process that a span of this trace starts. */
export const variablesOfChild = (
  { traceId, isSampled, traceState }: TraceContext,
  spanId: string,
): Environment => ({
  TRACEPARENT: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
  TRACESTATE: traceState,
});
