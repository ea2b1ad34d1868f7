/**
 * The time as the server tells it in the `Date` header of its answers: the one clock that all hosts
 * share. A host whose own clock is off so neither takes a lease that is held nor waits for one that
 * has expired.
 */
import type { S3Client } from '@aws-sdk/client-s3';

/** The header has whole seconds: the server's time lies within the second that it names. */
const resolution = 1_000;

export class ServerClock {
  readonly #local: () => Date;
  /** Milliseconds that the server's clock is ahead of ours. */
  #ahead = 0;

  /** Listens to every answer that the client gets from now on. */
  constructor(s3: S3Client, local: () => Date) {
    this.#local = local;
    s3.middlewareStack.add(
      (next) => async (args) => {
        const asked = local().getTime();
        const result = await next(args);
        const { headers } = (result.response ?? {}) as { readonly headers?: Headers };
        this.#learn(headers?.['date'], asked);
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'serverClock', override: true },
    );
  }

  readonly now = (): Date => new Date(this.#local().getTime() + this.#ahead);

  /** The server wrote the date between our question and now; only what that cannot explain is an offset. */
  #learn(date: string | undefined, asked: number): void {
    const served = Date.parse(date ?? '');
    if (Number.isNaN(served)) return;
    const answered = this.#local().getTime();
    if (served > answered) this.#ahead = served - answered;
    else if (served + resolution < asked) this.#ahead = served + resolution - asked;
    else this.#ahead = 0;
  }
}

type Headers = Readonly<Record<string, string>>;
