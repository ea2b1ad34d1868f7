import { describe, expect, it } from 'vitest';
import { encodeMetrics, encodeTraces, type Metric } from './otlp.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const [caller, parent, child] = ['00f067aa0ba902b7', 'b7ad6b7169203331', '0123456789abcdef'];
const resource = { 'service.name': 'redshift-load' };
const start = Date.parse('2010-12-02T00:15:00.123Z');
const startNano = `${String(start)}000000`;

describe('traces', () => {
  it('have the shape of OTLP/JSON', () => {
    const spans = [
      {
        name: 'redshift-load',
        spanId: parent,
        parentSpanId: caller,
        start: start - 0.4,
        end: start + 1_500.2,
        attributes: {
          text: 'é',
          whole: 9_007_199_254_740_991,
          share: 0.5,
          yes: true,
          no: undefined,
        },
      },
      {
        name: 'day',
        spanId: child,
        parentSpanId: parent,
        start,
        end: start,
        attributes: {},
        error: 'refused',
      },
    ];
    const trace = { traceId, parentSpanId: caller, isSampled: true, traceState: 'a=1' };
    expect(encodeTraces(resource, trace, spans)).toEqual({
      resourceSpans: [
        {
          resource: {
            attributes: [{ key: 'service.name', value: { stringValue: 'redshift-load' } }],
          },
          scopeSpans: [
            {
              scope: { name: 'user-behaviour' },
              spans: [
                {
                  traceId,
                  spanId: parent,
                  parentSpanId: caller,
                  traceState: 'a=1',
                  flags: 0x301,
                  name: 'redshift-load',
                  kind: 1,
                  startTimeUnixNano: startNano,
                  endTimeUnixNano: `${String(start + 1_500)}000000`,
                  attributes: [
                    { key: 'text', value: { stringValue: 'é' } },
                    { key: 'whole', value: { intValue: '9007199254740991' } },
                    { key: 'share', value: { doubleValue: 0.5 } },
                    { key: 'yes', value: { boolValue: true } },
                  ],
                  status: {},
                },
                {
                  traceId,
                  spanId: child,
                  parentSpanId: parent,
                  traceState: 'a=1',
                  flags: 0x101,
                  name: 'day',
                  kind: 1,
                  startTimeUnixNano: startNano,
                  endTimeUnixNano: startNano,
                  attributes: [],
                  status: { code: 2, message: 'refused' },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('begin without a parent and without a state', () => {
    const span = {
      name: 'a',
      spanId: child,
      parentSpanId: undefined,
      start,
      end: start,
      attributes: {},
    };
    const { resourceSpans } = encodeTraces({}, { traceId, isSampled: true }, [span]);
    const [encoded] = resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    expect(JSON.parse(JSON.stringify(encoded))).toEqual({
      traceId,
      spanId: child,
      flags: 0x101,
      name: 'a',
      kind: 1,
      startTimeUnixNano: startNano,
      endTimeUnixNano: startNano,
      attributes: [],
      status: {},
    });
  });
});

describe('metrics', () => {
  const end = start + 2_000;
  const encode = (...metrics: Metric[]) =>
    encodeMetrics(resource, { start, end }, metrics).resourceMetrics[0]?.scopeMetrics[0]?.metrics;
  const about = { name: 'n', description: 'What.', unit: 's' };
  const attributes = { 'pipeline.job': 'emr-clean' };
  const encoded = {
    attributes: [{ key: 'pipeline.job', value: { stringValue: 'emr-clean' } }],
    timeUnixNano: `${String(end)}000000`,
  };

  it('are sums of this process, whole numbers as text', () => {
    expect(encode({ ...about, is: 'sum', points: [{ attributes, values: [1450] }] })).toEqual([
      {
        ...about,
        sum: {
          dataPoints: [{ ...encoded, startTimeUnixNano: startNano, asInt: '1450' }],
          aggregationTemporality: 1,
          isMonotonic: true,
        },
      },
    ]);
  });

  it('are measured at the end', () => {
    expect(encode({ ...about, is: 'gauge', points: [{ attributes, values: [900.5] }] })).toEqual([
      { ...about, gauge: { dataPoints: [{ ...encoded, asDouble: 900.5 }] } },
    ]);
  });

  it('are histograms, where a value that equals an end is below it', () => {
    const values = [0.1, 0.11, 7_200, 9_999];
    const [metric] = encode({ ...about, is: 'histogram', points: [{ attributes, values }] }) ?? [];
    const bucketCounts = ['1', '1', ...Array.from({ length: 12 }, () => '0'), '1', '1'];
    expect(metric).toEqual({
      ...about,
      histogram: {
        dataPoints: [
          {
            ...encoded,
            startTimeUnixNano: startNano,
            count: '4',
            sum: 17_199.21,
            min: 0.1,
            max: 9_999,
            explicitBounds: [
              0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200,
            ],
            bucketCounts,
          },
        ],
        aggregationTemporality: 1,
      },
    });
    expect(bucketCounts).toHaveLength(16);
  });
});
