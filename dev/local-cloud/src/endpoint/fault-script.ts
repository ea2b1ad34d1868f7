/** Faults a test asks for, taken first in first out by the calls they name. */
import * as z from 'zod';

const fault = z.discriminatedUnion('kind', [
  /** The connection drops before the call is applied. */
  z.object({ kind: z.literal('reset'), operation: z.string(), before: z.number().optional() }),
  /** The call is applied and its answer is lost. */
  z.object({ kind: z.literal('lose-reply'), operation: z.string(), before: z.number().optional() }),
  /** The call is refused with an error of the service, e.g. a ThrottlingException. */
  z.object({
    kind: z.literal('error'),
    operation: z.string(),
    before: z.number().optional(),
    code: z.string(),
    message: z.string().default('scripted by a test'),
    status: z.number().default(400),
  }),
  /** The call is served, `before` milliseconds late. */
  z.object({ kind: z.literal('delay'), operation: z.string(), before: z.number() }),
  /** The statement that the call submits begins `milliseconds` late; others pass it meanwhile. */
  z.object({
    kind: z.literal('hold'),
    operation: z.string(),
    before: z.number().optional(),
    milliseconds: z.number(),
  }),
  /** The statement that the call submits does its work, and fails at its end with this error. */
  z.object({
    kind: z.literal('fail'),
    operation: z.string(),
    before: z.number().optional(),
    message: z.string(),
  }),
]);

export type Fault = z.infer<typeof fault>;

export class FaultScript {
  readonly #pending: Fault[] = [];

  /** Takes one fault or an array of them; anything else is refused by zod. */
  add(input: unknown): void {
    this.#pending.push(...z.array(fault).parse(Array.isArray(input) ? input : [input]));
  }

  /** The next fault meant for this operation, which is then used up. */
  take(operation: string): Fault | undefined {
    const index = this.#pending.findIndex((candidate) => candidate.operation === operation);
    return index === -1 ? undefined : this.#pending.splice(index, 1)[0];
  }
}
