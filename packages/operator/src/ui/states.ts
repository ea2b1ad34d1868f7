/** How the states of cells and commands look: a glyph, a word and a colour. */
import type { CommandState, ListedCommand } from '../journal/read-journals.ts';
import { isDone } from '@user-behaviour/shared/failure';
import { type Html, markup } from '../page/markup.ts';
import { lengthOf, seconds, time } from '../page/words.ts';
import type { Cell, CellState } from './grid.ts';

interface Look {
  readonly glyph: string;
  /** A class of the stylesheet. */
  readonly tone: 'good' | 'warn' | 'bad' | 'none' | 'run';
}

export const looks: Readonly<Record<CellState, Look>> = {
  waiting: { glyph: '·', tone: 'none' },
  running: { glyph: '▶', tone: 'run' },
  retrying: { glyph: '↻', tone: 'warn' },
  done: { glyph: '✓', tone: 'good' },
  unchanged: { glyph: '=', tone: 'good' },
  failed: { glyph: '✗', tone: 'bad' },
  skipped: { glyph: '–', tone: 'none' },
  interrupted: { glyph: '■', tone: 'bad' },
};

/** `✓ done`; the glyph is not read out. */
export const stateWords = (state: CellState): Html => {
  const { glyph } = looks[state];
  return markup`<b aria-hidden="true">${glyph}</b> ${state}`;
};

/** How long the last attempt took, or has been running; undefined if none began. */
export function durationOf({ startedAt, endedAt, state }: Cell, now: Date): string | undefined {
  if (startedAt === undefined) return undefined;
  const isOpen = state === 'running' || state === 'retrying';
  const end = endedAt ?? (isOpen ? now.toISOString() : undefined);
  return end === undefined ? undefined : seconds(secondsBetween(startedAt, end));
}

export const secondsBetween = (from: string, until: string): number =>
  Math.max(0, (Date.parse(until) - Date.parse(from)) / 1_000);

/** e.g. `running for 34 s`, `failed with exit 65 after 12 s`. */
export function tellCommand({ state, begin, end }: ListedCommand, now: Date): string {
  const since = (until: string) => lengthOf(secondsBetween(begin.at, until) * 1_000);
  if (end === undefined) {
    return state === 'running' ? `running for ${since(now.toISOString())}` : 'killed';
  }
  const { exit, at } = end;
  if (exit === undefined) return 'ended before any job began';
  const how = isDone(exit) ? 'done' : exit === 143 ? 'stopped' : `failed with exit ${String(exit)}`;
  return `${how} after ${since(at)}`;
}

export const toneOfCommand = (state: CommandState, exit: number | undefined): Look['tone'] => {
  if (state === 'running') return 'run';
  return exit !== undefined && isDone(exit) ? 'good' : 'bad';
};

export const startOf = ({ begin }: ListedCommand): string => `${time(begin.at)} UTC`;
