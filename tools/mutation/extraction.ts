/** Guards of extract-purchases and stage-reviews. */
import type { Mutation } from './mutation.ts';

const extract = (file: string) => `packages/extract-purchases/${file}`;
const stage = (file: string) => `packages/stage-reviews/${file}`;

export const extraction: readonly Mutation[] = [
  {
    guard: 'the source is reached with a verified certificate',
    file: extract('src/source/address.ts'),
    find: 'rejectUnauthorized: true',
    replace: 'rejectUnauthorized: false',
    caughtBy: extract('src/source/address.test.ts'),
  },
  {
    guard: 'TLS cannot be switched off away from loopback',
    file: extract('src/source/address.ts'),
    find: "if (!local && sslmode === 'disable') {",
    replace: "if (!local && sslmode === 'never') {",
    caughtBy: extract('src/source/address.test.ts'),
  },
  {
    guard: 'MIN_QUANTITY is a whole number before it reaches a statement',
    file: extract('src/config.ts'),
    find: '/^-?\\d{1,9}$/.test(text)',
    replace: '!Number.isNaN(Number.parseInt(text, 10))',
    caughtBy: extract('src/config.test.ts'),
  },
  {
    guard: "the table's columns are as agreed",
    file: extract('src/source/statements.ts'),
    find: 'checkColumns(columns.parse(found?.rows));',
    replace: 'columns.parse(found?.rows);',
    caughtBy: extract('test/failures.it.test.ts'),
    named: 'columns are missing or changed',
  },
  {
    guard: "PostgreSQL's count of rows is that of the stream",
    file: extract('src/source/connection.ts'),
    find: 'if (copied !== seen) {',
    replace: 'if (copied < 0) {',
    caughtBy: extract('src/source/connection.test.ts'),
  },
  {
    guard: 'a copy that the source does not end is ended',
    file: extract('src/source/deadline.ts'),
    find: 'statementTimeout === 0 ? undefined : statementTimeout + grace',
    replace: 'statementTimeout < 0 ? statementTimeout : undefined',
    caughtBy: extract('src/source/deadline.test.ts'),
  },
  {
    guard: 'a message of the copy that is no whole row is refused',
    file: extract('assembly/csv-scanner.ts'),
    find: 'if (load<u8>(next - 1) != LINE_FEED) {',
    replace: 'if (load<u8>(next - 1) == 0) {',
    caughtBy: extract('src/copy/csv-scanner.test.ts'),
  },
  {
    guard: 'the hash of a file is that of all its rows',
    file: extract('assembly/csv-scanner.ts'),
    find: 'sum += xxhash64(start, target);',
    replace: 'sum = xxhash64(start, target);',
    caughtBy: extract('src/copy/csv-scanner.test.ts'),
  },
  {
    guard: 'a file is said to hold the rows that went into it',
    file: extract('src/upload/range-upload.ts'),
    find: 'this.#counted = { rows, hashes };',
    replace: '',
    caughtBy: extract('src/upload/day-upload.test.ts'),
    named: 'too large for one file',
  },
  {
    guard: 'no part is filled anew while it is on its way',
    file: extract('src/upload/range-upload.ts'),
    find: 'const busy = ring.busy(this.#slot);',
    replace: 'const busy = ring.busy(-1);',
    caughtBy: extract('src/upload/day-upload.test.ts'),
    named: 'overwrite no part',
  },
  {
    guard: 'the query of a stopped job is cancelled at the source',
    file: extract('src/source/connection.ts'),
    find: 'if (copy.isRunning) await this.#options.cancel();',
    replace: '',
    caughtBy: extract('src/source/connection.test.ts'),
  },
  {
    guard: 'files that were not published are removed',
    file: extract('src/job.ts'),
    find: 'files.map(({ key }) => key),',
    replace: '[],',
    caughtBy: extract('test/extract.it.test.ts'),
    named: 'moves nothing and leaves nothing',
  },
  {
    guard: 'reviews are UTF-8',
    file: stage('src/reviews-check.ts'),
    find: 'if (faultAfter !== undefined) throw notUtf8(name, lines.line + faultAfter);',
    replace: '',
    caughtBy: stage('src/reviews-check.test.ts'),
  },
  {
    guard: 'reviews begin with the agreed header',
    file: stage('src/reviews-check.ts'),
    find: 'if (found !== header) throw',
    replace: "if (found === '') throw",
    caughtBy: stage('src/reviews-check.test.ts'),
  },
  {
    guard: 'the Spark script is written only where none is',
    file: stage('src/spark-script.ts'),
    find: "        IfNoneMatch: '*',\n",
    replace: '',
    caughtBy: stage('src/spark-script.test.ts'),
  },
];
