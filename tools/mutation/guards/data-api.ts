/** Guards of redshift-load's client of the Redshift Data API. */
import type { Mutation } from '../mutation.ts';

const load = (file: string) => `packages/redshift-load/${file}`;

export const dataApi: readonly Mutation[] = [
  {
    guard: 'a load is all or nothing: one transaction',
    file: load('src/data-api/client.ts'),
    find: "ExecutionMode: mode ?? 'TRANSACTION'",
    replace: "ExecutionMode: mode ?? 'AUTO_COMMIT'",
    caughtBy: load('test/audits.it.test.ts'),
    named: 'counts a purchase that does not exist',
  },
  {
    guard: 'quoted commas and quotes survive: the SerDe escapes nothing',
    file: load('src/data-api/sql.ts'),
    find: "csv_escape: '\\u0001',",
    replace: "csv_escape: '\\u0022',",
    caughtBy: load('src/data-api/sql.test.ts'),
  },
  {
    guard: 'the client token is the same for the same work',
    file: load('src/data-api/client.ts'),
    find: 'submission.reads === true ? randomUUID() : token(submission, number)',
    replace: 'randomUUID()',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'a query is run anew: no stale result',
    file: load('src/data-api/client.ts'),
    find: 'submission.reads === true ? randomUUID() : token(submission, number)',
    replace: 'token(submission, number)',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'a statement that ended before this process began is made again',
    file: load('src/data-api/client.ts'),
    find: 'ended < this.#startedAt) continue;',
    replace: 'ended < this.#startedAt) return described.Id ?? "";',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'a stopped load is cancelled',
    file: load('src/data-api/wait.ts'),
    find: '      await this.#cancel(Id);\n      throw error;',
    replace: '      throw error;',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'a statement in an unknown state is a failure',
    file: load('src/data-api/status.ts'),
    find: "    case undefined:\n    default:\n      return {\n        is: 'failed',",
    replace:
      "    case undefined:\n    default:\n      if (description.Id !== 'x') return { is: 'finished' };\n      return {\n        is: 'failed',",
    caughtBy: load('src/data-api/status.test.ts'),
  },
  {
    guard: 'a failing DescribeStatement does not end the wait',
    file: load('src/data-api/wait.ts'),
    find: "if (error instanceof Failure && error.kind === 'transient') return undefined;",
    replace: '',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'after a conflict the whole transaction is tried again',
    file: load('src/data-api/error-rules.ts'),
    find: '/\\berror:?\\s+10(18|23)\\b|serializable isolation violation|',
    replace: '/\\berror:?\\s+1018\\b|',
    caughtBy: load('src/data-api/error-rules.test.ts'),
  },
  {
    guard: 'an audit is told by its finding, not by where an error came up',
    file: load('src/data-api/request.ts'),
    find: "const isFound = finding !== '' && (error.includes(finding) || digit === finding[0]);",
    replace: "const isFound = finding !== '';",
    caughtBy: load('src/data-api/sql-errors.test.ts'),
  },
  {
    guard: 'an unknown error of the warehouse is tried again',
    file: load('src/data-api/error-rules.ts'),
    find: "  text: /^/,\n  kind: 'transient',",
    replace: "  text: /^/,\n  kind: 'data',",
    caughtBy: load('src/data-api/error-rules.test.ts'),
  },
  {
    guard: 'statements of a killed run over several days are looked for, too',
    file: load('src/data-api/names.ts'),
    find: 'if (first === last) return [`${prefix}${first}/`, rangePrefix];',
    replace: 'if (first === last) return [`${prefix}${first}/`];',
    caughtBy: load('test/killed.it.test.ts'),
    named: 'a run of one of its days',
  },
  {
    guard: 'no row value in an error of the warehouse',
    file: load('src/data-api/request.ts'),
    find: 'super(withoutValues(error, statement?.sql));',
    replace: 'super(error);',
    caughtBy: load('src/data-api/client.test.ts'),
  },
  {
    guard: 'values put into a statement are plain text',
    file: load('src/data-api/sql.ts'),
    find: "if (value === undefined || /['\\\\\\n]/.test(value)) {",
    replace: 'if (value === undefined) {',
    caughtBy: load('src/data-api/sql.test.ts'),
  },
];
