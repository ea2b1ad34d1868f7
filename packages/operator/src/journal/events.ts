/** What a command that runs jobs writes down while it runs: a line of JSON for each event. */
import { isDs, type Ds } from '@user-behaviour/shared/ds';
import * as z from 'zod';

const ds = z.custom<Ds>((value) => typeof value === 'string' && isDs(value));
/** The first and the last day of neighbours. */
const range = z.tuple([ds, ds]);
const at = z.iso.datetime();
/** The days of one stage. */
const ofStage = { at, job: z.string(), ranges: z.array(range) };

const journalEvent = z.discriminatedUnion('event', [
  /** Always the first. */
  z.object({
    event: z.literal('command'),
    at,
    pid: z.int().positive(),
    command: z.string(),
    /** `the local cloud`, or an account of AWS. */
    world: z.string(),
    ranges: z.array(range),
  }),
  /** A process of the job has the days in hand; one after the first is a retry. */
  z.object({ event: z.literal('start'), ...ofStage }),
  /** What the job reported of a day. */
  z.object({
    event: z.literal('day'),
    at,
    job: z.string(),
    ds,
    run: z.string(),
    status: z.string(),
    exit: z.int(),
    /** When the work on the day, or on its batch, began. */
    startedAt: at.optional(),
    rows: z.int().optional(),
    message: z.string().optional(),
    action: z.string().optional(),
  }),
  /** These days are tried again after so many seconds. */
  z.object({ event: z.literal('retry'), ...ofStage, seconds: z.number() }),
  /** The last process for these days has ended; without an exit code none was started. */
  z.object({ event: z.literal('stage-end'), ...ofStage, exit: z.int().optional() }),
  /** Always the last; without an exit code, the command could not begin its work. A killed command has none. */
  z.object({ event: z.literal('end'), at, exit: z.int().optional() }),
]);

export type JournalEvent = z.infer<typeof journalEvent>;

/** The events of a journal. A line that was not written whole, or that a later release wrote, is left out. */
export function parseJournal(text: string): JournalEvent[] {
  return text.split('\n').flatMap((line) => {
    const parsed = journalEvent.safeParse(json(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
