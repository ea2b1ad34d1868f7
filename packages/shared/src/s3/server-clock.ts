/**
 * Estimates the server's time from the `Date` header of its responses, so that all hosts share one
 * clock. Otherwise a host with a wrong clock could take a held lease or wait for an expired one.
 */
import type { S3Client } from '@aws-sdk/client-s3';

/** The header contains whole seconds; the server's time is up to one second later. */
const resolution = 1_000;

export class ServerClock {
  readonly #local: () => Date;
  /** How many milliseconds the server's clock is ahead of the local one. */
  #ahead = 0;

  /** Updates the estimate with every response that the client receives. */
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

  /** The server wrote the date between the request and now. Only the remaining difference is an offset. */
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
