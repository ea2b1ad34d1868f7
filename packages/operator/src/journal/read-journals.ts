/** Finds the journals of commands that run or ran, and reads them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalEvent, parseJournal } from './events.ts';

export const journalFolder = join(import.meta.dirname, '../../../../.local/runs');
export const journalName = 'journal.jsonl';

/** How often a running command says by the time of its journal that it is alive. */
export const beatSeconds = 10;
/** A process with the number of one that was silent for so long is another process. */
const silenceSeconds = 6 * beatSeconds;

export type CommandState = 'running' | 'ended' | 'interrupted';

export interface ListedCommand {
  /** The name of its folder; sorts by time. */
  readonly id: string;
  readonly state: CommandState;
  readonly begin: Extract<JournalEvent, { event: 'command' }>;
  /** Of a command that has ended. */
  readonly end: Extract<JournalEvent, { event: 'end' }> | undefined;
}

const isCommandId = (text: string): boolean => /^\d{8}T\d{6}Z-\d+$/.test(text);

/** The newest first. What is not a whole journal is left out. */
export function listCommands(folder = journalFolder): ListedCommand[] {
  return commandIds(folder).flatMap((id) => {
    const text = journalText(id, folder);
    // The first event and the last: a long journal is not parsed for a list.
    const events = parseJournal(`${firstLine(text)}\n${lastLines(text)}`);
    const listed = identify(id, events, folder);
    return listed === undefined ? [] : [listed];
  });
}

/** The names of the folders, the newest first. */
export function commandIds(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isCommandId).sort().reverse();
  } catch {
    return [];
  }
}

/** A command with all of its events; undefined if there is no such journal. */
export function readCommand(
  id: string,
  folder = journalFolder,
): (ListedCommand & { readonly events: readonly JournalEvent[] }) | undefined {
  if (!isCommandId(id)) return undefined;
  const events = parseJournal(journalText(id, folder));
  const listed = identify(id, events, folder);
  return listed === undefined ? undefined : { ...listed, events };
}

function identify(
  id: string,
  events: readonly JournalEvent[],
  folder: string,
): ListedCommand | undefined {
  const [begin] = events;
  if (begin?.event !== 'command') return undefined;
  const end = events.find((event) => event.event === 'end');
  if (end !== undefined) return { id, state: 'ended', begin, end };
  const state = isAlive(begin.pid, join(folder, id, journalName)) ? 'running' : 'interrupted';
  return { id, state, begin, end };
}

function isAlive(pid: number, file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > silenceSeconds * 1_000) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const firstLine = (text: string): string => text.slice(0, Math.max(0, text.indexOf('\n')));

/** The last event is short; a torn line may follow it. */
const lastLines = (text: string): string => {
  const rest = text.slice(firstLine(text).length + 1);
  return rest.slice(rest.lastIndexOf('\n', rest.length - 1_000) + 1);
};

function journalText(id: string, folder: string): string {
  try {
    return readFileSync(join(folder, id, journalName), 'utf8');
  } catch {
    return '';
  }
}
