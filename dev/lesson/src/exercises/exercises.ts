/** All exercises, by number. */
import { consumer } from './consumer.ts';
import type { Exercise } from './exercise.ts';
import { failingSource } from './failing-source.ts';
import { hourlyRun } from './hourly-run.ts';
import { newAudit } from './new-audit.ts';
import { newColumn } from './new-column.ts';
import { parallelBackfill } from './parallel-backfill.ts';
import { ruleFromADate } from './rule-from-a-date.ts';
import { secondVendorFile } from './second-vendor-file.ts';
import { wordList } from './word-list.ts';

export const exercises: readonly Exercise[] = [
  ruleFromADate,
  newAudit,
  newColumn,
  wordList,
  secondVendorFile,
  parallelBackfill,
  hourlyRun,
  consumer,
  failingSource,
];
