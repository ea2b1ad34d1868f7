/**
 * What a backfill would do to one day, job by job, and why. Pure. It follows the staleness rule of the
 * jobs without reading the sources: whether the source of a published day has changed shows only when it
 * is read again, or looked at.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import { partialUntil } from '@user-behaviour/shared/manifest/partial-day';
import {
  loadResult,
  type Parameters,
  type Result,
  whyStale,
} from '@user-behaviour/shared/manifest/staleness';
import {
  isDataset,
  type JobName,
  pipeline,
  type Stage,
  stageOf,
  upstreamJobs,
} from '@user-behaviour/shared/pipeline';
import { type DayFacts, upstreamOfStage } from '../facts/day-facts.ts';

/** What shapes each job's result with today's settings, as its own dry run says. */
export type Settings = Readonly<Record<JobName, Parameters>>;

/**
 * `run`: the job will publish or load. `recheck`: it reads its source again and publishes only what has
 * changed. `none`: nothing, because the source is known to be the same. `if-upstream-changed`: nothing, unless a recheck before it finds a change. `blocked`: it will
 * fail.
 */
export interface Step {
  readonly action: 'run' | 'recheck' | 'none' | 'if-upstream-changed' | 'blocked';
  readonly why: string;
}

export interface DayPlan {
  readonly ds: Ds;
  readonly steps: Readonly<Record<JobName, Step>>;
}

export function planDay(facts: DayFacts, settings: Settings): DayPlan {
  const steps = new Map<JobName, Step>();
  for (const stage of pipeline) {
    steps.set(stage.name, planStage(stage, facts, settings[stage.name], steps));
  }
  return { ds: facts.ds, steps: Object.fromEntries(steps) as DayPlan['steps'] };
}

/** What the jobs do with --force: they do again what they would leave as it is. */
export const forced = ({ ds, steps }: DayPlan): DayPlan => {
  const again = (step: Step): Step =>
    step.action !== 'run' && step.action !== 'blocked' ? { action: 'run', why: 'forced' } : step;
  const all = Object.entries(steps).map(([job, step]) => [job, again(step)] as const);
  return { ds, steps: Object.fromEntries(all) as DayPlan['steps'] };
};

/** Whether something is known to be missing or stale. */
export const isDue = ({ steps }: DayPlan): boolean =>
  Object.values(steps).some(({ action }) => action === 'run' || action === 'blocked');

function planStage(
  stage: Stage,
  facts: DayFacts,
  settings: Parameters,
  earlier: ReadonlyMap<JobName, Step>,
): Step {
  const upstream = upstreamJobs(stage);
  const blocked = upstream.filter((job) => earlier.get(job)?.action === 'blocked');
  if (blocked.length > 0) {
    return { action: 'blocked', why: blocked.map((job) => `no ${stageOf(job).rows}`).join(', ') };
  }
  const { writes } = stage;
  if (isDataset(writes) && facts.damage.get(writes) === 'unreadable manifest') {
    return { action: 'blocked', why: 'unreadable manifest' };
  }
  const result = resultOf(stage, facts);
  const fault = whyStale(result, { upstream: [] });
  if (fault !== undefined) return { action: 'run', why: fault };
  if (upstream.some((job) => earlier.get(job)?.action === 'run')) {
    return { action: 'run', why: 'new upstream' };
  }
  const published = upstreamOfStage(stage, facts);
  const inherited = stage.inherits.map((name) => {
    const source = published.find((one) => one?.manifest.parameters[name] !== undefined);
    return [name, source?.manifest.parameters[name] ?? ''] as const;
  });
  const hasSettings = stage.shapedBy.length + stage.inherits.length > 0;
  const parameters: Parameters = { ...settings, ...Object.fromEntries(inherited) };
  const why = whyStale(result, {
    upstream: published,
    ...(hasSettings && { parameters }),
  });
  if (why !== undefined) return { action: 'run', why };
  // A vendor's file is not looked at.
  const atSource = stage.source?.delivered === false ? facts.atSource : undefined;
  if (atSource === 'changed') return { action: 'run', why: 'changed at the source' };
  if (atSource === 'same') return { action: 'none', why: 'the same at the source' };
  return stage.source === undefined
    ? { action: 'if-upstream-changed', why: 'if an upstream has changed' }
    : { action: 'recheck', why: 'whether the source has changed' };
}

/** What the stage has made of the day; undefined where nothing is published or loaded. */
export function resultOf(
  { writes }: Stage,
  { ds, published, damage, ledger, isOver }: DayFacts,
): Result | undefined {
  if (!isDataset(writes)) {
    if (ledger === undefined) return undefined;
    const runs = {
      'user_purchase/stage': ledger.purchasesRun,
      'movie_review/stage': ledger.reviewsRun,
    };
    return loadResult(ds, runs, { isWhole: ledger.whole, loadSql: ledger.loadSql });
  }
  const found = published.get(writes);
  if (found === undefined) return undefined;
  const { upstream, parameters, rejected } = found.manifest;
  return {
    upstream,
    parameters,
    rejected,
    damage: damage.get(writes),
    isPartial: isOver && partialUntil(found.manifest) !== undefined,
  };
}
