/** An S3 client that answers each call as a test says. No network. */
import type { S3Client } from '@aws-sdk/client-s3';

export interface S3Call {
  /** Without `Command`, e.g. `PutObject`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface FakeS3 {
  readonly client: S3Client;
  readonly calls: readonly S3Call[];
}

/** `answer` returns or throws; it is told how many calls came before. */
export function fakeS3(answer: (call: S3Call, before: number) => unknown): FakeS3 {
  const calls: S3Call[] = [];
  const send = (command: { readonly input: object }): Promise<unknown> => {
    const name = command.constructor.name.replace(/Command$/, '');
    const call = { name, input: { ...command.input } };
    calls.push(call);
    const before = calls.length - 1;
    return Promise.resolve().then(() => answer(call, before));
  };
  return { client: { send } as unknown as S3Client, calls };
}

/** An error as the SDK throws it. */
export const s3Error = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(`${name}, says S3`), { name, $metadata: { httpStatusCode } });
