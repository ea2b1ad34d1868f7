/** What all sections share while they run. */
import type { Cloud } from './servers/local-cloud.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { Entry } from './result.ts';
import type { SeedFiles } from './servers/seed.ts';
import type { Settings } from './settings.ts';
import type { Seeded } from './servers/source-database.ts';

export interface BenchContext {
  readonly settings: Settings;
  /** PATH and the like, without any server. */
  readonly base: Readonly<Record<string, string>>;
  readonly cloud: Cloud;
  /** The environment of a program: PATH, the servers, nothing of the person's own settings. */
  readonly env: Readonly<Record<string, string>>;
  /** As `env`, with the S3 that contenders of the extraction write to. */
  readonly extractEnv: Readonly<Record<string, string>>;
  /** The database that holds the purchases as they were seeded, and the file of the reviews. */
  readonly seeded: Seeded;
  readonly purchases: SeedFiles;
  readonly reviews: string;
  readonly python: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly hasPsql: boolean;
  /** The variable for several connections, where extract-purchases has one. */
  readonly connections: string | undefined;
  readonly peers: readonly Candidate[];
}

export interface Measured {
  readonly entries: readonly Entry[];
  readonly notes: readonly string[];
}
