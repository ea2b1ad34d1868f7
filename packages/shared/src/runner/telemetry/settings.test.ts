import { describe, expect, it } from 'vitest';
import { Failure } from '../../failure.ts';
import type { Environment } from '../config.ts';
import { telemetrySettings } from './settings.ts';
import { refuseVariables, sendsTelemetry } from './config.ts';

const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const collector = { [endpoint]: 'http://collector:4318' };

/** Where traces and metrics go. */
const places = (environment: Environment) => {
  const { traces, metrics } = telemetrySettings(environment, refuseVariables);
  return [traces?.href, metrics?.href];
};

describe('telemetry', () => {
  it.each<[Environment, boolean]>([
    [{}, false],
    [{ [endpoint]: '' }, false],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, false],
    [collector, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t' }, true],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m' }, true],
    [{ ...collector, OTEL_SDK_DISABLED: 'True' }, false],
    [{ ...collector, OTEL_SDK_DISABLED: 'yes' }, true],
  ])('with %j is sent: %s', (environment, isSent) => {
    expect(sendsTelemetry(environment)).toBe(isSent);
  });

  it.each([
    ['http://collector:4318', 'http://collector:4318/v1/'],
    ['http://collector:4318/', 'http://collector:4318/v1/'],
    ['https://collector/otlp/', 'https://collector/otlp/v1/'],
    ['https://collector/otlp?tenant=a', 'https://collector/otlp/v1/'],
  ])('of %s goes below it', (url, base) => {
    const query = new URL(url).search;
    expect(places({ [endpoint]: url })).toEqual([
      `${base}traces${query}`,
      `${base}metrics${query}`,
    ]);
  });

  it('goes where its own variable says, as it is, and nowhere else', () => {
    const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://tempo/in' };
    expect(places(traces)).toEqual(['http://tempo/in', undefined]);
    expect(places({ ...collector, ...traces })).toEqual([
      'http://tempo/in',
      'http://collector:4318/v1/metrics',
    ]);
  });

  it('has defaults', () => {
    expect(telemetrySettings(collector, refuseVariables)).toMatchObject({
      headers: {},
      timeout: 10_000,
      resource: {},
    });
  });

  it('has headers and attributes, percent-decoded, and the name of the service', () => {
    const settings = telemetrySettings(
      {
        ...collector,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi=, x-scope = team ,',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_RESOURCE_ATTRIBUTES:
          'deployment.environment.name=prod,service.name=a,city=Z%C3%BCrich',
        OTEL_SERVICE_NAME: 'b',
      },
      refuseVariables,
    );
    expect(settings).toMatchObject({
      headers: { authorization: 'Basic YTpi=', 'x-scope': 'team' },
      timeout: 500,
      resource: { 'deployment.environment.name': 'prod', 'service.name': 'b', city: 'Zürich' },
    });
  });

  it.each([
    [endpoint, 'collector:4318', 'expected an http(s) URL'],
    [endpoint, 'grpc://collector:4317', 'expected an http(s) URL'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'x', 'expected an http(s) URL'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'expected http/json'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', 'expected http/json'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret', 'expected key=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%zz', 'expected key=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=c', 'expected key=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%0d%0ax: y', 'expected key=value'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'expected milliseconds'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'expected milliseconds'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a', 'expected key=value'],
  ])('refuses %s=%s', (name, value, expected) => {
    const read = () => telemetrySettings({ ...collector, [name]: value }, refuseVariables);
    expect(read).toThrow(Failure);
    expect(read).toThrow(`${name} is wrong: ${expected}`);
  });

  it('tells all that is wrong at once, each once, without a value', () => {
    const secret = 'hunter2%zz';
    const environment = {
      [endpoint]: secret,
      OTEL_EXPORTER_OTLP_HEADERS: `a=${secret}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: secret,
    };
    try {
      telemetrySettings(environment, refuseVariables);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: 'configuration', exit: 78 });
      const { message, action } = error as Failure;
      expect(message.split('; ').map((one) => one.split(' ')[0])).toEqual(Object.keys(environment));
      expect(message).not.toContain('hunter2');
      expect(action).toContain('OTEL_SDK_DISABLED=true');
    }
  });
});
