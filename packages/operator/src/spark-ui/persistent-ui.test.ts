import { EMRClient } from '@aws-sdk/client-emr';
import { describe, expect, it } from 'vitest';
import { linkTo } from './persistent-ui.ts';

const clusterId = 'j-1';
const arn = 'arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-1';
const ready = { PresignedURLReady: true, PresignedURL: 'https://example.com/shs' };
const ui = (PersistentAppUIStatus: string, LastStateChangeReason?: string) => ({
  PersistentAppUI: { PersistentAppUIStatus, LastStateChangeReason },
});

type Reply = object | Error;

/** A client whose calls get these replies, the last of each for ever; and the calls. */
function fakeEmr(replies: Readonly<Record<string, readonly Reply[]>>) {
  const all: Readonly<Record<string, readonly Reply[]>> = {
    DescribeCluster: [{ Cluster: { ClusterArn: arn } }],
    CreatePersistentAppUI: [{ PersistentAppUIId: 'p-1' }],
    DescribePersistentAppUI: [ui('ATTACHED')],
    GetPersistentAppUIPresignedURL: [ready],
    ...replies,
  };
  const calls: { readonly name: string; readonly input: unknown }[] = [];
  const emr = new EMRClient({ region: 'eu-west-1' });
  emr.send = ((command: { readonly constructor: { readonly name: string }; input: unknown }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    const earlier = calls.filter((one) => one.name === name).length;
    calls.push({ name, input: command.input });
    const reply = all[name]?.[earlier] ?? all[name]?.at(-1);
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  }) as never;
  return { emr, calls };
}

const refusal = (name: string, message: string) => Object.assign(new Error(message), { name });
const { signal } = new AbortController();

describe('linkTo', () => {
  it('waits until the UI is attached and its link is ready', async () => {
    const { emr, calls } = fakeEmr({
      DescribePersistentAppUI: [ui('CREATING'), ui('CREATING'), ui('ATTACHED')],
      GetPersistentAppUIPresignedURL: [{ PresignedURLReady: false }, ready],
    });
    expect(await linkTo(emr, { clusterId }, { signal })).toBe('https://example.com/shs');
    expect(calls.map(({ name }) => name)).toEqual([
      'DescribeCluster',
      'CreatePersistentAppUI',
      ...Array<string>(3).fill('DescribePersistentAppUI'),
      ...Array<string>(2).fill('GetPersistentAppUIPresignedURL'),
    ]);
    expect(calls[1]?.input).toEqual({ TargetResourceArn: arn });
    expect(calls.at(-1)?.input).toEqual({ PersistentAppUIId: 'p-1', PersistentAppUIType: 'SHS' });
  });

  it('names the application, if it is known', async () => {
    const { emr, calls } = fakeEmr({});
    await linkTo(emr, { clusterId, applicationId: 'application_1_2' }, { signal });
    expect(calls.at(-1)?.input).toMatchObject({ ApplicationId: 'application_1_2' });
  });

  it.each<[string, Readonly<Record<string, readonly Reply[]>>, object]>([
    [
      'the UI cannot start',
      { DescribePersistentAppUI: [ui('FAILED', 'no room')] },
      { kind: 'transient', message: 'the persistent application UI is FAILED: no room' },
    ],
    [
      'the UI is never attached',
      { DescribePersistentAppUI: [ui('CREATING')] },
      {
        kind: 'transient',
        message: expect.stringContaining('is not attached after 0.01 s') as string,
      },
    ],
    [
      'there is never a link',
      { GetPersistentAppUIPresignedURL: [{ PresignedURLReady: false }] },
      { kind: 'transient', message: expect.stringContaining('has no link after 0.01 s') as string },
    ],
    [
      'EMR has forgotten the cluster',
      {
        DescribeCluster: [refusal('InvalidRequestException', "Cluster id 'j-1' is not valid.")],
      },
      { kind: 'data', action: expect.stringContaining('two months') as string },
    ],
    [
      'a right is missing',
      {
        CreatePersistentAppUI: [
          refusal(
            'AccessDeniedException',
            'User: x is not authorized to perform: elasticmapreduce:CreatePersistentAppUI on resource: y',
          ),
        ],
      },
      {
        kind: 'configuration',
        action: expect.stringContaining('grant elasticmapreduce:CreatePersistentAppUI') as string,
      },
    ],
  ])('says so if %s', async (_what, replies, failure) => {
    const { emr } = fakeEmr(replies);
    await expect(linkTo(emr, { clusterId }, { signal, timeout: 10 })).rejects.toMatchObject(
      failure,
    );
  });

  it('ends with the signal', async () => {
    const { emr } = fakeEmr({ DescribePersistentAppUI: [ui('CREATING')] });
    const stop = new AbortController();
    const link = linkTo(emr, { clusterId }, { signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(link).rejects.toThrow();
  });
});
