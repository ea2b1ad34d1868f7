/**
 * Kills a backfill at random moments and starts it again until the kills are used up; then runs `catchup`
 * undisturbed. The result must equal that of an undisturbed backfill.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Variables } from './inject/fault-proxy.ts';
import type { Random } from '@user-behaviour/sample/random';
import { sigkill } from './sigkill.ts';

const workspace = join(import.meta.dirname, '../../..');
const operatorMain = join(workspace, 'packages/operator/src/main.ts');

export interface SoakOptions {
  readonly env: Variables;
  readonly from: Ds;
  readonly to: Ds;
  readonly jobs: number;
  readonly kills: number;
  readonly random: Random;
  readonly log: (line: string) => void;
}

export interface SoakEnd {
  /** Kills of a process that was still running. */
  readonly kills: number;
  readonly backfillsStarted: number;
  /** Backfills that completed between the kills. */
  readonly backfillsFinished: number;
  /** Kills by target: a job's name, or `all` for the whole backfill. */
  readonly victims: Readonly<Record<string, number>>;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

type Work = Pick<SoakOptions, 'env' | 'from' | 'to' | 'jobs'>;

/** Starts the operator in a separate process group, so that all of it can be killed at once. */
function start(
  { env, from, to, jobs }: Work,
  command: 'backfill' | 'catchup',
  minQuantity: number,
): Running {
  const range = command === 'backfill' ? [`--from=${from}`, `--to=${to}`] : [`--to=${to}`];
  const argv = [operatorMain, command, ...range, `--jobs=${jobs}`, '--retry-delay=1', '--yes'];
  const child = spawn(execPath, argv, {
    env: { ...env, HISTORY_START: from, MIN_QUANTITY: String(minQuantity), LOG_FORMAT: 'json' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, output: () => output.join('').slice(-4_000) };
}

/** The running jobs of the operator, with their process ids. */
async function jobsOf(operator: number): Promise<readonly (readonly [pid: number, job: string])[]> {
  try {
    const { stdout } = await promisify(execFile)('pgrep', ['-a', '-P', String(operator)]);
    return stdout
      .split('\n')
      .map((line) => /^(\d+) .*packages\/([\w-]+)\/dist\/main\.mjs/.exec(line))
      .flatMap((found) => (found === null ? [] : [[Number(found[1]), String(found[2])] as const]));
  } catch {
    // pgrep ends with 1 if it finds none.
    return [];
  }
}

/** Milliseconds until the next kill: mostly short, sometimes long enough for much progress. */
const lifetime = (random: Random): number => 200 + 24_000 * random.fraction() ** 3;

export async function soak(options: SoakOptions): Promise<SoakEnd> {
  const { random, log } = options;
  const victims: Record<string, number> = {};
  let [kills, starts, finished] = [0, 0, 0];
  /** Changes after each completed backfill, so that the next one has work to do. */
  let minQuantity = 2;
  const count = (victim: string) => {
    kills += 1;
    victims[victim] = (victims[victim] ?? 0) + 1;
    if (kills % 10 === 0) log(`${kills} kills, ${starts} starts, ${finished} backfills finished`);
  };
  while (kills < options.kills) {
    starts += 1;
    const backfill = start(options, 'backfill', minQuantity);
    const pid = backfill.child.pid ?? 0;
    for (;;) {
      const running = await Promise.race([backfill.ended, pause(lifetime(random), 'running')]);
      if (running !== 'running' || kills === options.kills) break;
      const jobs = random.chance(0.5) ? await jobsOf(pid) : [];
      const job = jobs.length > 0 ? random.pick(jobs) : undefined;
      if (job === undefined) {
        sigkill(-pid);
        // It may have ended at this very moment.
        if ((await backfill.ended) === null) count('all');
        break;
      }
      if (sigkill(job[0])) count(job[1]);
    }
    // If the last kill hit a single job, its backfill is still running.
    if (kills === options.kills) sigkill(-pid);
    const exit = await backfill.ended;
    if (exit === 0) {
      finished += 1;
      minQuantity = minQuantity === 2 ? 3 : 2;
    } else if (exit !== null && exit !== 75 && exit !== 143) {
      throw new Error(`a backfill ended with ${exit}: ${backfill.output()}`);
    }
  }
  return { kills, backfillsStarted: starts, backfillsFinished: finished, victims };
}

/** Runs the command until it succeeds: a killed run's lease and locks expire in the meantime. */
export async function finish(
  options: Work & Pick<SoakOptions, 'log'>,
  command: 'backfill' | 'catchup',
): Promise<number> {
  for (let starts = 1; ; starts += 1) {
    const running = start(options, command, 2);
    const code = await running.ended;
    if (code === 0) return starts;
    options.log(`${command} ended with ${String(code)}; again`);
    if (starts === 5) throw new Error(`${command} failed five times: ${running.output()}`);
  }
}
