/** A fake process for the runner. It records the output and can send signals. */
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

export function fakeHost(
  argv: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Fake {
  const out: string[] = [];
  const err: string[] = [];
  const exits: number[] = [];
  const listeners = new Map<string, () => void>();
  return {
    argv: ['node', 'main.mjs', ...argv.split(' ')],
    env: { BUCKET: 'b', ...env },
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text), isTTY: false },
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
