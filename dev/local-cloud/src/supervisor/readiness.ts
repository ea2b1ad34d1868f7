/** Waits until a newly started service answers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningProgram } from './running-program.ts';
import type { Service } from './service.ts';

/** @throws with the end of the log if the program ends first or does not answer in time (milliseconds). */
export async function untilReady(
  service: Pick<Service, 'isHealthy'>,
  program: RunningProgram,
  timeout = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeout;
  const ended = new AbortController();
  void program.ended.then((reason) => {
    ended.abort(reason);
  });
  while (!(await service.isHealthy()) || ended.signal.aborted) {
    if (ended.signal.aborted) throw notReady(program, String(ended.signal.reason));
    if (performance.now() > deadline) {
      throw notReady(program, `did not answer within ${timeout / 1000} s`);
    }
    await delay(25);
  }
}

function notReady({ logFile, output }: RunningProgram, reason: string): Error {
  const lines = output().trim().split('\n').slice(-8).join('\n  ');
  return new Error(
    `${reason}; its log is ${logFile}${lines === '' ? '' : `; its last lines:\n  ${lines}`}`,
  );
}
