/** Several processes of one job at once, their calls interleaved by a seed. */
import type { BundledJob, Ended } from '@user-behaviour/testkit/bundled-job';
import { EffectBook } from './effect-book.ts';
import { openFaultProxy, type Variables } from './fault-proxy.ts';
import { Interleaver } from './interleaver.ts';

export interface Process {
  /** Its --run-id. */
  readonly run: string;
  readonly ds: string;
  /** What differs from the other processes. */
  readonly env?: Variables;
}

export interface AtOnce {
  readonly ends: readonly Ended[];
  /** Which call went when. */
  readonly order: readonly string[];
}

export async function atOnce(
  job: BundledJob,
  env: Variables,
  processes: readonly Process[],
  seed: number,
): Promise<AtOnce> {
  const interleaver = new Interleaver(
    seed,
    processes.map(({ run }) => run),
  );
  const one = async ({ run, ds, env: own }: Process) => {
    const gate = interleaver.gate(run);
    await using proxy = await openFaultProxy({ ...env, ...own }, { book: new EffectBook(), gate });
    const ended = await job.run(proxy.env, `--ds=${ds}`, `--run-id=${run}`);
    interleaver.ended(run);
    return ended;
  };
  const ends = await Promise.all(processes.map(one));
  return { ends, order: interleaver.order };
}
