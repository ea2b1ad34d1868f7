/** A started job's words and its end, however it was started. */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

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

/** Listens to a child whose stdout and stderr are pipes. */
export function running(
  child: ChildProcess & { readonly stdout: Readable; readonly stderr: Readable },
): Running {
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, summaries: entries(stdout()), log: entries(stderr()) });
    });
  });
  return { child, said: stderr, ended };
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
