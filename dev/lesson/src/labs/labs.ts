/** All labs, in the order in which they are listed. */
import { fanOut } from './fan-out.ts';
import { hiddenRows } from './hidden-rows.ts';
import type { Lab } from './lab.ts';
import { lateRow } from './late-row.ts';
import { localTime } from './local-time.ts';
import { noLock } from './no-lock.ts';
import { noPartitionPrune } from './no-partition-prune.ts';
import { overwriteReviews, sharedTempFile } from './one-key.ts';
import { quotedComma } from './quoted-comma.ts';
import { rerunDoubles } from './rerun-doubles.ts';
import { tornFile } from './torn-file.ts';

export const labs: readonly Lab[] = [
  fanOut,
  noLock,
  sharedTempFile,
  noPartitionPrune,
  overwriteReviews,
  rerunDoubles,
  tornFile,
  quotedComma,
  lateRow,
  hiddenRows,
  localTime,
];
