/** The fronts before a local cloud, and the environment in which programs use them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { startFront } from './front.ts';
import { dataApiCall, emrCall, s3Request } from './latencies.ts';
import { emptyRecording, type Recording } from './recording.ts';
import { statementsAnswer } from './statements-answer.ts';
import { stepsAnswer } from './steps-answer.ts';

type Environment = Readonly<Record<string, string>>;

const processTimes = z.object({ job: z.string(), from: z.number(), until: z.number() });
export type ProcessTimes = z.infer<typeof processTimes>;

export interface Fronts extends AsyncDisposable {
  readonly env: Environment;
  readonly recording: Recording;
  /** The processes that have ended. */
  readonly processes: () => Promise<readonly ProcessTimes[]>;
}

/** `env` is that of the local cloud, `folder` one for notes. */
export async function startFronts(env: Environment, folder: string): Promise<Fronts> {
  await using stack = new AsyncDisposableStack();
  const recording = emptyRecording();
  const front = async (
    variable: string,
    rest: Omit<Parameters<typeof startFront>[0], 'target' | 'recording'>,
  ) => {
    const started = await startFront({ ...rest, target: env[variable] ?? '', recording });
    return { [variable]: stack.use(started).url };
  };
  const addresses = {
    ...(await front('AWS_ENDPOINT_URL_S3', { service: 's3', latency: s3Request })),
    ...(await front('AWS_ENDPOINT_URL_EMR', {
      service: 'emr',
      latency: emrCall,
      answer: stepsAnswer(recording),
    })),
    ...(await front('AWS_ENDPOINT_URL_REDSHIFT_DATA', {
      service: 'data-api',
      latency: dataApiCall,
      answer: statementsAnswer(recording),
    })),
  };
  const file = join(folder, 'processes.jsonl');
  const preload = pathToFileURL(join(import.meta.dirname, 'process-times.mjs')).href;
  const all = stack.move();
  return {
    env: { ...env, ...addresses, PROCESS_TIMES: file, NODE_OPTIONS: `--import=${preload}` },
    recording,
    processes: async () => {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      return lines.map((line) => processTimes.parse(JSON.parse(line)));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
