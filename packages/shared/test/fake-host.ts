/** A fake process for the runner. It records the output and can send signals. */
import type { OutputStream } from '../src/runner/report-writer.ts';
import type { Host } from '../src/runner/run-job.ts';

type Entry = Readonly<Record<string, unknown>>;

export interface Fake extends Host {
  readonly out: string[];
  readonly err: string[];
  readonly exits: number[];
  /** The JSON lines of stdout. */
  readonly summaries: () => Entry[];
  readonly logged: () => Entry[];
  readonly raise: (signal: 'SIGTERM' | 'SIGINT') => void;
}

const entries = (texts: readonly string[]): Entry[] =>
  texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);

/** `broken`: the streams that take nothing, as on a full disk. */
export function fakeHost(
  argv: string,
  env: Readonly<Record<string, string | undefined>> = {},
  broken: readonly ('stdout' | 'stderr')[] = [],
): Fake {
  const out: string[] = [];
  const err: string[] = [];
  const exits: number[] = [];
  const listeners = new Map<string, () => void>();
  const stream = (name: 'stdout' | 'stderr', texts: string[]): OutputStream => ({
    write: (text, done) => {
      const isBroken = broken.includes(name);
      if (!isBroken) texts.push(text);
      setImmediate(done, isBroken ? new Error('ENOSPC: no space left on device') : undefined);
    },
    on: () => undefined,
    isTTY: false,
  });
  return {
    argv: ['node', 'main.mjs', ...argv.split(' ')],
    env: { BUCKET: 'b', ...env },
    stdout: stream('stdout', out),
    stderr: stream('stderr', err),
    on: (signal, listener) => listeners.set(signal, listener),
    exit: (code) => exits.push(code),
    out,
    err,
    exits,
    summaries: () => entries(out),
    logged: () => entries(err),
    raise: (signal) => listeners.get(signal)?.(),
  };
}
