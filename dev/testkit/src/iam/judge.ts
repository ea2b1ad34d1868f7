/** Asks ministack's policy evaluator, in a separate process, whether a policy allows a call. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { defaultPython } from '@user-behaviour/local-cloud/installation';
import type { PolicyDocument } from '@user-behaviour/rights/policy';
import type { Need } from './needs.ts';

export interface Judge extends AsyncDisposable {
  readonly allows: (policy: PolicyDocument, need: Need) => Promise<boolean>;
}

export function startJudge(): Judge {
  const child = spawn(defaultPython, [join(import.meta.dirname, 'decisions.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const decisions = createInterface(child.stdout)[Symbol.asyncIterator]();
  /** Decisions come in the order of the questions. */
  let last: Promise<unknown> = Promise.resolve();
  const decide = async (): Promise<boolean> => {
    const { value, done } = await decisions.next();
    if (done === true) throw new Error('the evaluator of policies has ended');
    return value === 'Allow';
  };
  return {
    allows: (policy, need) => {
      child.stdin.write(`${JSON.stringify({ ...need, policy })}\n`);
      const decision = last.then(decide);
      last = decision.catch(() => undefined);
      return decision;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
