/** What all sections share during a run. */
import type { Cloud } from './servers/local-cloud.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { Entry } from './result.ts';
import type { SeedFiles } from './servers/seed.ts';
import type { Progress } from './progress/progress.ts';
import type { Settings } from './settings.ts';
import type { Seeded } from './servers/source-database.ts';

export interface BenchContext {
  readonly settings: Settings;
  /** PATH and similar variables, without any server. */
  readonly base: Readonly<Record<string, string>>;
  readonly cloud: Cloud;
  /** The environment of a measured program: PATH and the servers, no personal settings. */
  readonly env: Readonly<Record<string, string>>;
  /** As `env`, with the S3 server that the candidates of the extraction write to. */
  readonly extractEnv: Readonly<Record<string, string>>;
  /** The database with the purchases as seeded. */
  readonly seeded: Seeded;
  readonly purchases: SeedFiles;
  readonly reviews: string;
  readonly python: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** What the section has measured so far. */
  readonly progress: Progress;
  readonly hasPsql: boolean;
  /** The variable that sets the number of connections of extract-purchases, if it has one. */
  readonly connections: string | undefined;
  readonly peers: readonly Candidate[];
}

export interface SectionResult {
  readonly entries: readonly Entry[];
  readonly notes: readonly string[];
}
