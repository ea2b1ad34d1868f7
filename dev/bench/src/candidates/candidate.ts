/** A program that copies one day from Postgres to S3: our job or another tool. */
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
  /** Recognises its files in the bucket; omitted if it writes to /dev/null. */
  readonly isOutput?: (object: StoredObject) => boolean;
  /** Whether equal input gives equal bytes: it adds nothing such as a load time to the rows. */
  readonly isStable?: boolean;
  readonly note?: string;
}

/** A script for bash. $QUERY holds the task's query, $COPY the same as a COPY statement. */
export const shell = (text: string, env: Readonly<Record<string, string>>): Command => ({
  file: 'bash',
  args: ['-c', `set -euo pipefail\n${text}`],
  env,
});

/** The key that every peer writes to. */
export const peerKey = 'day.csv';
