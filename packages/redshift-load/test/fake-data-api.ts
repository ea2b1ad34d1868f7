/** A Redshift Data API client that replies to each call as a test defines. No network. */
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';

export interface ApiCall {
  /** Without `Command`, e.g. `DescribeStatement`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface FakeDataApi {
  readonly client: RedshiftDataClient;
  readonly calls: readonly ApiCall[];
  readonly named: (name: string) => readonly ApiCall[];
}

/** `answer` returns or throws; `nth` counts the calls of the same name, from 1. */
export function fakeDataApi(answer: (call: ApiCall, nth: number) => unknown): FakeDataApi {
  const calls: ApiCall[] = [];
  const named = (name: string) => calls.filter((call) => call.name === name);
  const send = (
    command: { readonly input: object },
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown> => {
    const name = command.constructor.name.replace(/Command$/, '');
    const call = { name, input: { ...command.input } };
    calls.push(call);
    const nth = named(name).length;
    return Promise.resolve().then(() => {
      if (options?.abortSignal?.aborted === true) {
        throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
      }
      return answer(call, nth);
    });
  };
  const client = { send, destroy: () => undefined } as unknown as RedshiftDataClient;
  return { client, calls, named };
}

/** An error as the SDK throws it. */
export const apiError = (name: string, httpStatusCode: number, message = `${name}, says it`) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
