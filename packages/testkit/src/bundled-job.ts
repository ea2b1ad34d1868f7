/** A job as it is deployed: its bundle, in a process of its own, with nothing but the given variables. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const workspace = join(import.meta.dirname, '../../..');

/** A line of JSON. */
export type Entry = Readonly<Record<string, unknown>>;

export interface Ended {
  /** The exit code; null for a process that a signal ended. */
  readonly code: number | null;
  /** The lines of stdout. */
  readonly summaries: readonly Entry[];
  /** The lines of stderr. */
  readonly log: readonly Entry[];
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  readonly said: () => string;
  readonly ended: Promise<Ended>;
}

export interface BundledJob {
  readonly start: (env: Readonly<Record<string, string>>, ...argv: string[]) => Running;
  readonly run: (env: Readonly<Record<string, string>>, ...argv: string[]) => Promise<Ended>;
}

/** Makes the job's dist/main.mjs anew. `name` is its project, e.g. `stage-reviews`. */
export async function bundleJob(name: string): Promise<BundledJob> {
  await promisify(execFile)(execPath, ['tools/bundle.mjs', name], { cwd: workspace });
  const bundle = join(workspace, 'packages', name, 'dist/main.mjs');
  const start: BundledJob['start'] = (env, ...argv) => {
    const child = spawn(execPath, [bundle, '--log-format=json', ...argv], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout = collected(child.stdout);
    const stderr = collected(child.stderr);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, summaries: entries(stdout()), log: entries(stderr()) });
      });
    });
    return { child, said: stderr, ended };
  };
  return { start, run: (env, ...argv) => start(env, ...argv).ended };
}

/** What the stream has given so far. */
function collected(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

/** A line that is no JSON, such as the shell's own words before there is a log, becomes `{ text }`. */
function entries(output: string): Entry[] {
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.map((line) => (line.startsWith('{') ? (JSON.parse(line) as Entry) : { text: line }));
}
