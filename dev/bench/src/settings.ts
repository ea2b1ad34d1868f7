/** The settings of a benchmark: environment variables. */
import * as z from 'zod';

export const sections = [
  'big',
  'small',
  'spark',
  'backfill',
  'growth',
  'source',
  'aws-like',
  'ratios',
] as const;
export type Section = (typeof sections)[number];

export const peers = [
  'aws',
  'rclone',
  'duckdb',
  'sling',
  'dlt',
  'pandas',
  'airflow',
  'debezium',
] as const;
export type PeerName = (typeof peers)[number];
/** Each of them is more than 700 MB and takes seconds to start, so it runs only if named. */
const usualPeers = peers.filter((name) => name !== 'airflow' && name !== 'debezium');

function names<Name extends string>(known: readonly Name[], all: readonly Name[]) {
  return z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .transform((given, context): readonly Name[] => {
      const wanted = given.flatMap((name) =>
        name === 'all' ? all : known.filter((one) => one === name),
      );
      const unknown = given.filter((name) => ![...known, 'all', 'none'].includes(name));
      if (unknown.length > 0) {
        context.addIssue(
          `${unknown.join(', ')} is unknown: expected all, none or some of ${known.join(', ')}`,
        );
      }
      return known.filter((name) => wanted.includes(name));
    });
}

const whole = (low: number, high: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(low).max(high));

const settings = z.object({
  BENCH: names(sections, sections).prefault('all'),
  PEERS: names(peers, usualPeers).prefault('all'),
  /** Runs of each candidate. */
  ROUNDS: whole(1, 100).prefault('7'),
  /** Size of the big table, as a multiple of the real one of 541,909 rows. */
  SCALE: whole(1, 1_000).prefault('20'),
  /** Percentage of the big table that falls on the one ds. */
  SHARE: whole(1, 100).prefault('50'),
  /** Rows of the largest day in the growth section. */
  LARGEST: whole(10_000, 100_000_000).prefault('10000000'),
  /** Days of history in the growth section. */
  HISTORY: whole(1, 1_000).prefault('1000'),
  /** Days of the long run in the section aws-like; with 1, it is left out. */
  DAYS: whole(1, 374).prefault('374'),
  S3_SERVER: z.enum(['ministack', 'versitygw']).prefault('ministack'),
  /** Measures again what has already been measured. */
  FORCE: z
    .string()
    .prefault('')
    .transform((text) => text !== ''),
  /** Minutes that each section waits for a quiet machine. */
  PATIENCE: whole(0, 1_000).prefault('10'),
});

export type Settings = z.infer<typeof settings>;

const extraction = ['ROUNDS', 'S3_SERVER'] as const;

/** What the figures of a section depend on. */
export const settingsOf = {
  big: [...extraction, 'PEERS', 'SCALE', 'SHARE'],
  small: [...extraction, 'PEERS'],
  spark: ['ROUNDS'],
  backfill: [],
  growth: [...extraction, 'LARGEST', 'HISTORY'],
  source: [...extraction, 'PEERS', 'SCALE'],
  'aws-like': ['DAYS'],
  ratios: extraction,
} as const satisfies Readonly<Record<Section, readonly (keyof Settings)[]>>;

/** Empty variables count as unset. @throws naming each invalid variable. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.keys(settings.shape)
      .map((name) => [name, env[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
  );
}
