/** Waits until a part that was just started answers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningProgram } from './running-program.ts';
import type { Part } from './service.ts';

const startTimeoutMs = 60_000;

/** @throws with the end of the program's log when it ends first, or does not answer within a minute. */
export async function untilReady(part: Part, program: RunningProgram): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  const over = new AbortController();
  void program.ended.then((reason) => {
    over.abort(reason);
  });
  while (!(await part.isHealthy()) || over.signal.aborted) {
    if (over.signal.aborted) throw notReady(program, String(over.signal.reason));
    if (performance.now() > deadline) {
      throw notReady(program, `does not answer after ${startTimeoutMs / 1000} s`);
    }
    await delay(25);
  }
}

function notReady({ logFile, output }: RunningProgram, reason: string): Error {
  const lines = output().trim().split('\n').slice(-8).join('\n  ');
  return new Error(
    `${reason}; its log is ${logFile}${lines === '' ? '' : `, the end of it:\n  ${lines}`}`,
  );
}
