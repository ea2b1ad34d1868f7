/**
 * The Data API as slow as AWS's: a statement is running until its time is over, and WaitTimeSeconds holds the reply
 * back until then. ListStatements says what the local warehouse says, where statements end early.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Message } from './front.ts';
import { dataApiCall } from './latencies.ts';
import { now, type Recording } from './recording.ts';
import { StatementTimes } from './statement-times.ts';

const isOver = ({ Status }: Message): boolean =>
  ['FINISHED', 'FAILED', 'ABORTED'].includes(String(Status));

const sqlsOf = ({ Sql, Sqls }: Message): readonly string[] =>
  (Sqls as readonly string[] | undefined) ?? [String(Sql)];

/** Without what only an ended statement has. */
const running = (reply: Message): Message => ({
  ...reply,
  Status: 'STARTED',
  HasResultSet: false,
  Error: undefined,
});

export function statementsAnswer(recording: Recording): Answer {
  const times = new StatementTimes();
  const noticed = new Set<string>();
  return async ({ operation, job, arrived, request }, reply) => {
    const isSubmission = operation.endsWith('ExecuteStatement');
    if (!isSubmission && operation !== 'DescribeStatement') return reply;
    const id = String(reply['Id']).replace(/:\d+$/, '');
    const begun = arrived + dataApiCall;
    if (isSubmission && times.submit(id, begun, sqlsOf(request))) recording.loads += 1;
    if (!isOver(reply)) return reply;
    const end = times.end(id, now());
    const patience = begun + Number(request['WaitTimeSeconds'] ?? 0) * 1_000;
    await sleep(Math.max(0, Math.min(end, patience) - now()));
    if (now() < end - 1) return running(reply);
    if (!noticed.has(id)) {
      noticed.add(id);
      recording.waits.push({ kind: 'statement', job, from: times.startOf(id) ?? end, until: end });
      recording.waits.push({ kind: 'unnoticed', job, from: end, until: Math.max(end, arrived) });
    }
    return reply;
  };
}
