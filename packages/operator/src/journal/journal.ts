/**
 * The journal of a command that runs jobs: what it did so far, for whoever looks at it meanwhile or later. It lies
 * beside the logs of the jobs in a separate folder, `.local/runs/{start}-{process id}`. All of it is best effort:
 * a full disk or a read-only checkout costs the journal and nothing else.
 */
import { appendFileSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Ds } from '@user-behaviour/shared/ds';
import { consecutiveRanges } from '../plan/day-ranges.ts';
import type { JournalEvent } from './events.ts';
import {
  beatSeconds,
  commandIds,
  journalFolder,
  journalName,
  readCommand,
} from './read-journals.ts';

/** Commands that are kept; the folders of older ones are removed, unless they run. */
const kept = 20;
/** Characters of a journal at most, as many as 10,000 days need. Only the end of the command is written beyond. */
const room = 16 * 1024 * 1024;
const longestMessage = 2_000;

/** An event as it is written: the time is that of the writing. */
type Told = JournalEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;

export class Journal implements Disposable {
  /** For the logs of the jobs. */
  readonly folder: string;
  readonly #file: string;
  readonly #beat: NodeJS.Timeout;
  #written = 0;
  #isTorn = false;
  #hasEnded = false;

  /** `all` is the folder of the journals of all commands. */
  constructor(
    what: { readonly command: string; readonly world: string; readonly days: readonly Ds[] },
    all = journalFolder,
  ) {
    const { pid } = process;
    const start = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    this.folder = join(all, `${start}-${String(pid)}`);
    this.#file = join(this.folder, journalName);
    attempt(() => {
      mkdirSync(this.folder, { recursive: true });
      for (const id of commandIds(all).slice(kept)) {
        if (readCommand(id, all)?.state === 'running') continue;
        rmSync(join(all, id), { recursive: true, force: true });
      }
    });
    const { command, world, days } = what;
    this.write({ event: 'command', pid, command, world, ranges: rangesOf(days) });
    // Another process may have the number of this one once it is dead.
    this.#beat = setInterval(() => {
      const now = new Date();
      attempt(() => {
        utimesSync(this.#file, now, now);
      });
    }, beatSeconds * 1_000).unref();
  }

  write(event: Told): void {
    if (this.#hasEnded || (this.#written > room && event.event !== 'end')) return;
    this.#hasEnded = event.event === 'end';
    const line = JSON.stringify(
      { ...event, at: new Date().toISOString() },
      (key, value: unknown) =>
        (key === 'message' || key === 'action') && typeof value === 'string'
          ? value.slice(0, longestMessage)
          : value,
    );
    // A line after a torn one starts on its own.
    const text = `${this.#isTorn ? '\n' : ''}${line}\n`;
    this.#isTorn = !attempt(() => {
      appendFileSync(this.#file, text);
    });
    this.#written += text.length;
  }

  /** What was not ended by an event ends without an exit code. */
  [Symbol.dispose](): void {
    this.write({ event: 'end' });
    clearInterval(this.#beat);
  }
}

/** The days, ascending, as first and last days of neighbours. */
export const rangesOf = (days: readonly Ds[]): [Ds, Ds][] =>
  consecutiveRanges(days, 'oldest-first', Infinity).flatMap((range): [Ds, Ds][] => {
    const [first, last] = [range[0], range.at(-1)];
    return first === undefined || last === undefined ? [] : [[first, last]];
  });

/** Returns whether it worked. */
function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
