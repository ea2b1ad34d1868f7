/** A way to bring one day from Postgres to S3, ours or another's. */
import type { Command } from '../measure/measurement.ts';
import type { StoredObject } from '../servers/object-store.ts';
import type { Entry } from '../result.ts';

export interface Task {
  /** The whole environment: where the servers are, PATH, and PIPELINE_BUCKET, an empty bucket. */
  readonly env: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly ds: string;
  /** The job's query for the day. */
  readonly query: string;
}

export interface Candidate {
  readonly name: string;
  readonly kind: Entry['kind'];
  readonly command: (task: Task) => Command | Promise<Command>;
  /** Its files in the bucket; left out where it writes to /dev/null. */
  readonly isOutput?: (object: StoredObject) => boolean;
  /** Nothing of its own is in the rows, such as a time of loading: equal input is equal bytes. */
  readonly isStable?: boolean;
  readonly note?: string;
}

/** A text for bash; the task's query is in COPY as a statement and in QUERY as it is. */
export const shell = (text: string, env: Readonly<Record<string, string>>): Command => ({
  file: 'bash',
  args: ['-c', `set -euo pipefail\n${text}`],
  env,
});

/** Where every peer writes. */
export const peerKey = 'day.csv';
