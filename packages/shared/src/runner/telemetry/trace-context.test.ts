import { describe, expect, it } from 'vitest';
import { traceContextOf, variablesOfChild } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const given = `00-${traceId}-${spanId}-01`;

describe('the trace of a process', () => {
  it('is the one of its caller', () => {
    expect(traceContextOf({ TRACEPARENT: given, TRACESTATE: 'a=1,b=2' })).toEqual({
      traceId,
      parentSpanId: spanId,
      isSampled: true,
      traceState: 'a=1,b=2',
    });
  });

  it.each([
    ['00', false],
    ['01', true],
    ['02', false],
    ['03', true],
  ])('is kept or not as the caller says: flags %s', (flags, isSampled) => {
    const TRACEPARENT = given.replace(/01$/, flags);
    expect(traceContextOf({ TRACEPARENT })).toEqual({ traceId, parentSpanId: spanId, isSampled });
  });

  it('is read from a later version, which may say more', () => {
    for (const TRACEPARENT of [given.replace(/^00/, '01'), `${given.replace(/^00/, 'cc')}-more`]) {
      expect(traceContextOf({ TRACEPARENT })).toMatchObject({ traceId, parentSpanId: spanId });
    }
  });

  it.each([
    undefined,
    '',
    'x',
    given.toUpperCase(),
    ` ${given}`,
    `${given}\n`,
    `${given}-more`,
    given.replace(/^00/, 'ff'),
    given.replace(traceId, '0'.repeat(32)),
    given.replace(spanId, '0'.repeat(16)),
    given.slice(1),
    given.replace(traceId, traceId.slice(1)),
  ])('is new if TRACEPARENT is %j', (TRACEPARENT) => {
    const trace = traceContextOf({ TRACEPARENT, TRACESTATE: 'a=1' });
    expect(trace).toEqual({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      isSampled: true,
    });
    expect(trace.traceId).not.toBe(traceId);
    expect(traceContextOf({ TRACEPARENT }).traceId).not.toBe(trace.traceId);
  });

  it.each(['', 'a=\n', `a=${'x'.repeat(511)}`])(
    'has no TRACESTATE that is malformed: %j',
    (TRACESTATE) => {
      expect(traceContextOf({ TRACEPARENT: given, TRACESTATE })).not.toHaveProperty('traceState');
    },
  );

  it('goes on to a child, which finds it there', () => {
    for (const TRACEPARENT of [given, given.replace(/01$/, '00')]) {
      const trace = traceContextOf({ TRACEPARENT, TRACESTATE: 'a=1' });
      const child = variablesOfChild(trace, 'b7ad6b7169203331');
      expect(traceContextOf(child)).toEqual({ ...trace, parentSpanId: 'b7ad6b7169203331' });
    }
  });
});
