/** Faults that a test has scripted. Each call takes the first one for its operation. */
import * as z from 'zod';

const fault = z.discriminatedUnion('kind', [
  /** The connection is reset before the call is applied. */
  z.object({ kind: z.literal('reset'), operation: z.string(), before: z.number().optional() }),
  /** The call is applied, but its reply is lost. */
  z.object({ kind: z.literal('lose-reply'), operation: z.string(), before: z.number().optional() }),
  /** The call fails with an error of the service, e.g. a ThrottlingException. */
  z.object({
    kind: z.literal('error'),
    operation: z.string(),
    before: z.number().optional(),
    code: z.string(),
    message: z.string().default('scripted by a test'),
    status: z.number().default(400),
  }),
  /** The call is served `before` milliseconds late. */
  z.object({ kind: z.literal('delay'), operation: z.string(), before: z.number() }),
  /** The submitted statement starts `milliseconds` late; other statements may overtake it. */
  z.object({
    kind: z.literal('hold'),
    operation: z.string(),
    before: z.number().optional(),
    milliseconds: z.number(),
  }),
  /** The submitted statement runs, but fails at its end with this error. */
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

  /** Adds one fault or an array of faults. @throws ZodError for anything else. */
  add(input: unknown): void {
    this.#pending.push(...z.array(fault).parse(Array.isArray(input) ? input : [input]));
  }

  /** Removes and returns the next fault for this operation. */
  take(operation: string): Fault | undefined {
    const index = this.#pending.findIndex((candidate) => candidate.operation === operation);
    return index === -1 ? undefined : this.#pending.splice(index, 1)[0];
  }
}
