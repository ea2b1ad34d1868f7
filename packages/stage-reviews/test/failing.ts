/** Takes the failure out of something that must fail. */
import { Failure } from '@user-behaviour/shared/failure';

/** The Failure that the call throws or rejects with; anything else is thrown on. */
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
