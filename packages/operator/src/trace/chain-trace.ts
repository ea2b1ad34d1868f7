/**
 * The operator's part of a trace: one span for the command, one for each process of a job that it starts. The jobs
 * continue the trace by TRACEPARENT. Loaded only if telemetry is sent.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { Environment } from '@user-behaviour/shared/runner/config';
import type { Span } from '@user-behaviour/shared/runner/telemetry/otlp';
import { refuseVariables } from '@user-behaviour/shared/runner/telemetry/config';
import { openTelemetry } from '@user-behaviour/shared/runner/telemetry/telemetry';
import { newSpanId, variablesOfChild } from '@user-behaviour/shared/runner/telemetry/trace-context';
import manifest from '../../package.json' with { type: 'json' };

/** The variables that continue the trace in a job's process, and the callback for its end. */
export interface JobTrace {
  readonly variables: Environment;
  readonly end: (exit: number) => void;
}

/** Milliseconds that the end of the command may be later. */
const limit = 1_000;

export class ChainTrace {
  readonly #start = Date.now();
  readonly #spanId = newSpanId();
  readonly #spans: Span[] = [];
  readonly #telemetry: ReturnType<typeof openTelemetry>;
  readonly #days: readonly Ds[];

  /** @throws Failure of kind configuration if a variable is wrong. */
  constructor(days: readonly Ds[], environment: Environment) {
    const operator = { name: 'operator', version: manifest.version };
    this.#telemetry = openTelemetry(environment, operator, refuseVariables);
    this.#days = days;
  }

  /** A process of the job starts now. */
  startJob(job: JobName, days: readonly Ds[]): JobTrace {
    const spanId = newSpanId();
    const start = Date.now();
    return {
      variables: variablesOfChild(this.#telemetry.trace, spanId),
      end: (exit) => {
        const about = { name: `start ${job}`, spanId, parentSpanId: this.#spanId, start };
        this.#add({ ...about, attributes: { 'pipeline.job': job, ...rangeOf(days) } }, exit);
      },
    };
  }

  /** Sends the spans. A collector that fails or does not answer in time costs one line of `report`. Never rejects. */
  async end(exit: number, report: (line: string) => void): Promise<void> {
    const { trace, send } = this.#telemetry;
    const start = this.#start;
    const about = {
      name: 'pipeline',
      spanId: this.#spanId,
      parentSpanId: trace.parentSpanId,
      start,
    };
    this.#add({ ...about, attributes: rangeOf(this.#days) }, exit);
    const sent = { start, end: Date.now(), spans: this.#spans, metrics: [] };
    try {
      await send(sent, AbortSignal.timeout(limit));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      report(`the trace is incomplete: ${why}; the work is unaffected`);
    }
  }

  #add(span: Omit<Span, 'end'>, exit: number): void {
    this.#spans.push({
      ...span,
      end: Date.now(),
      attributes: {
        ...span.attributes,
        'process.exit.code': exit,
        ...(exit !== 0 && { 'error.type': String(exit) }),
      },
      error: exit === 0 ? undefined : `exit code ${String(exit)}`,
    });
  }
}

const rangeOf = (days: readonly Ds[]) => ({
  'pipeline.days': days.length,
  'pipeline.first_ds': days[0],
  'pipeline.last_ds': days.at(-1),
});
