/** Variables of every job that settings.ts and trace-context.ts read; the names are OpenTelemetry's. */
import * as z from 'zod';
import { Failure } from '../../failure.ts';
import { isSet } from '../../environment/is-set.ts';
import { type Environment, variable } from '../config.ts';

const text = z.string().optional();
const told = (describe: string) => variable(describe, text);

export const telemetryVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: told(
    'URL of a collector that takes OTLP/JSON; omit to send no telemetry',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: told('URL for traces alone, with its path'),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: told('URL for metrics alone, with its path'),
  OTEL_EXPORTER_OTLP_HEADERS: told('headers for the collector: key=value,key=value'),
  OTEL_EXPORTER_OTLP_TIMEOUT: told(
    'longest duration of a request to the collector, in milliseconds; 1 s is the limit',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: told('only http/json'),
  OTEL_RESOURCE_ATTRIBUTES: told('attributes of all telemetry: key=value,key=value'),
  OTEL_SERVICE_NAME: told('service.name in telemetry, instead of the job'),
  OTEL_SDK_DISABLED: told('true sends no telemetry'),
  TRACEPARENT: told('trace that this run belongs to, as W3C Trace Context'),
  TRACESTATE: told('what others add to that trace'),
} as const;

/** Whether spans or metrics are to be sent. */
export const sendsTelemetry = (environment: Environment): boolean =>
  environment['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' &&
  ['', 'TRACES_', 'METRICS_'].some((signal) =>
    isSet(environment, `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`),
  );

/**
 * What ends a job whose variables of telemetry are wrong. It is made here, because a bundle has what reads them in a
 * separate file, which does not share the class Failure.
 */
export const refuseVariables = (faults: string): Failure =>
  new Failure('configuration', faults, {
    action: 'correct the named variables, or set OTEL_SDK_DISABLED=true to send no telemetry',
  });
