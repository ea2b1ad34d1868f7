/** The output and the end of a started job. */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A line of JSON. */
export type Entry = Readonly<Record<string, unknown>>;

export interface Ended {
  /** The exit code; null if a signal ended the process. */
  readonly code: number | null;
  /** The lines of stdout. */
  readonly summaries: readonly Entry[];
  /** The lines of stderr. */
  readonly log: readonly Entry[];
}

export interface Running {
  readonly child: ChildProcess;
  /** The text on stderr so far. */
  readonly stderrText: () => string;
  readonly ended: Promise<Ended>;
}

/** Collects the output of a child whose stdout and stderr are pipes. */
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
  return { child, stderrText: stderr, ended };
}

/** Returns a function for the text of the stream so far. */
function collected(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

/** Parses lines of JSON. Other lines, such as errors before logging starts, become `{ text }`. */
function entries(output: string): Entry[] {
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.map((line) => (line.startsWith('{') ? (JSON.parse(line) as Entry) : { text: line }));
}
