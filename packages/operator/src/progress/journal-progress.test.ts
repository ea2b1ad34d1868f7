import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it } from 'vitest';
import type { Journal } from '../journal/journal.ts';
import type { Summary } from '../run/job-process.ts';
import { journalProgress } from './journal-progress.ts';
import type { Progress } from './progress.ts';

const ds = parseDs('2010-12-01');
const day = { job: 'extract-purchases', ds, run: 'r', status: 'failed', exit: 65 };

it.each<[Partial<Summary>, string]>([
  [{ exit: 70, kind: 'bug', message: "cannot read 'Smith' of 4711" }, 'Smith'],
  [{ kind: 'data', message: '3 purchases cannot be loaded' }, 'nothing'],
])(
  'the journal keeps the message of a day, but no value of an unexpected one: %j',
  (facts, value) => {
    const written: unknown[] = [];
    const journal = { write: (event: unknown) => written.push(event) } as unknown as Journal;
    const listener = { onLog: () => undefined, onDay: () => undefined };
    const progress = { start: () => listener } as unknown as Progress;
    journalProgress(progress, journal)
      .start('extract-purchases', [ds])
      .onDay({ ...day, ...facts });
    const [, event] = written;
    expect(event).toMatchObject({ event: 'day', ds, exit: facts.exit ?? 65 });
    expect(JSON.stringify(event)).not.toContain(value);
    if (facts.kind === 'data') expect(event).toMatchObject({ message: facts.message });
  },
);
