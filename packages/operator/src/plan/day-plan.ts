/**
 * What a backfill would do of one day, job by job, and why; pure. The rules are those that the jobs
 * go by, without a look at the sources: whether the rows of a published day have changed there shows
 * only when they are read again, so such a day is to `check`.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import { isMadeFrom, sameParameters } from '@user-behaviour/shared/manifest/provenance';
import type { Manifest } from '@user-behaviour/shared/manifest/manifest';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { DayFacts } from '../facts/day-facts.ts';
import type { JobName } from '../run/job-command.ts';

type Parameters = Manifest['parameters'];

/** What shapes each job's result here and now, as its own dry run tells. */
export type Settings = Readonly<Record<JobName, Parameters>>;

/**
 * `do`: the job will publish or load. `check`: it reads its source again and publishes only what has
 * changed. `follow`: nothing, unless a check before it finds a change. `stuck`: it will fail.
 */
export interface Step {
  readonly does: 'do' | 'check' | 'follow' | 'stuck';
  readonly why: string;
}

export interface DayPlan {
  readonly ds: Ds;
  readonly steps: Readonly<Record<JobName, Step>>;
}

export function planDay(facts: DayFacts, settings: Settings): DayPlan {
  const extract = planSource(facts, 'user_purchase/stage', settings['extract-purchases']);
  const stage = planSource(facts, 'movie_review/load', settings['stage-reviews']);
  const clean = planClean(facts, stage, settings);
  const load = planLoad(facts, extract, clean);
  return {
    ds: facts.ds,
    steps: {
      'extract-purchases': extract,
      'stage-reviews': stage,
      'emr-clean': clean,
      'redshift-load': load,
    },
  };
}

/** Whether something is known to be missing or stale. */
export const isDue = ({ steps }: DayPlan): boolean =>
  Object.values(steps).some(({ does }) => does === 'do' || does === 'stuck');

const perform = (why: string): Step => ({ does: 'do', why });

const shaped = { 'user_purchase/stage': 'purchases', 'movie_review/load': 'load' } as const;

/** A job that reads from outside. */
function planSource(facts: DayFacts, dataset: keyof typeof shaped, wanted: Parameters): Step {
  const published = facts[shaped[dataset]];
  const fault = planFault(facts, dataset, published);
  if (fault !== undefined) return fault;
  const other = differences(published?.manifest.parameters ?? {}, wanted);
  if (other !== undefined) return perform(other);
  return { does: 'check', why: 'whether the source has changed' };
}

function planClean(facts: DayFacts, stage: Step, settings: Settings): Step {
  const { reviews, load } = facts;
  if (stage.does === 'stuck') return { does: 'stuck', why: 'no reviews' };
  const fault = planFault(facts, 'movie_review/stage', reviews);
  if (fault !== undefined) return fault;
  if (stage.does === 'do') return perform('new upstream');
  if (reviews === undefined || load === undefined || !isMadeFrom(reviews, load)) {
    return perform('stale upstream');
  }
  const script = load.manifest.parameters['script'] ?? '';
  const other = differences(reviews.manifest.parameters, { ...settings['emr-clean'], script });
  if (other !== undefined) return perform(other);
  return { does: 'follow', why: 'if the reviews have changed' };
}

function planLoad({ purchases, reviews, ledger }: DayFacts, extract: Step, clean: Step): Step {
  if (extract.does === 'stuck' || clean.does === 'stuck') {
    return { does: 'stuck', why: 'no upstream' };
  }
  if (ledger === undefined) return perform('missing');
  if (extract.does === 'do' || clean.does === 'do') return perform('new upstream');
  const same =
    ledger.purchasesRun === purchases?.manifest.run && ledger.reviewsRun === reviews?.manifest.run;
  if (!same) return perform('stale upstream');
  if (!ledger.whole) return perform('damaged: the metric differs from its ledger');
  return { does: 'follow', why: 'if an upstream has changed' };
}

/** What is wrong with a publication whatever it was made from. */
function planFault(
  { damage }: DayFacts,
  dataset: Manifest['dataset'],
  published: Published | undefined,
): Step | undefined {
  const found = damage.get(dataset);
  if (found === 'unreadable manifest') return { does: 'stuck', why: found };
  if (published === undefined) return perform('missing');
  return found === undefined ? undefined : perform(`damaged: ${found}`);
}

/** Names what differs, or nothing where all is the same. */
function differences(published: Parameters, wanted: Parameters): string | undefined {
  if (sameParameters(published, wanted)) return undefined;
  const names = [...new Set([...Object.keys(published), ...Object.keys(wanted)])];
  const changes = names.filter((name) => published[name] !== wanted[name]);
  if (changes.includes('script')) return 'other script';
  const told = changes.map((name) => `${name} ${say(published[name])} → ${say(wanted[name])}`);
  return `other parameters: ${told.join(', ')}`;
}

const say = (value: Parameters[string] | undefined): string =>
  value === undefined ? 'unset' : String(value);
