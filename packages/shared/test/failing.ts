/** Returns the failure of a call that must fail. */
import { Failure } from '../src/failure.ts';

/** Returns the Failure that the call throws or rejects with. Rethrows any other error. */
export async function failureOf(call: () => unknown): Promise<Failure> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`expected a Failure, not ${JSON.stringify(outcome)}`);
}
