/** Guards of the purchases as Parquet. */
import type { Mutation } from '../mutation.ts';

const extract = (file: string) => `packages/extract-purchases/${file}`;

export const parquet: readonly Mutation[] = [
  {
    guard: 'a copy that fails does not end as a Parquet file of fewer rows',
    file: extract('src/upload/parquet/encode-parquet.ts'),
    find: '      input.throwFailure();\n',
    replace: '',
    caughtBy: extract('src/upload/parquet/encode-parquet.test.ts'),
  },
  {
    guard: 'a Parquet file has as many rows as were read',
    file: extract('src/upload/parquet/row-groups.ts'),
    find: 'if (written !== expected) {',
    replace: 'if (written < 0) {',
    caughtBy: extract('src/upload/parquet/encode-parquet.test.ts'),
  },
  {
    guard: 'a connection has one open file of a day, so memory does not grow with their number',
    file: extract('src/upload/day-upload.ts'),
    find: '    await this.#lastRanges.get(buffers)?.stored;\n',
    replace: '',
    caughtBy: extract('src/upload/day-upload.test.ts'),
    named: 'has stored a file',
  },
  {
    guard: 'a day that fails leaves none of the files that it has stored',
    file: extract('src/upload/encoded-file.ts'),
    find: '    await discard(this.#target, [stored.key]).catch(() => undefined);\n',
    replace: '',
    caughtBy: extract('src/upload/day-upload.test.ts'),
    named: 'removes the files',
  },
  {
    guard:
      'a day that fails keeps the files that another attempt with the same run id may have published',
    file: extract('src/upload/encoded-file.ts'),
    find: 'if (stored === undefined || !this.#ownsKey) return;',
    replace: 'if (stored === undefined) return;',
    caughtBy: extract('src/upload/day-upload.test.ts'),
    named: 'keeps them',
  },
  {
    guard: 'a day that is refused after its upload keeps them as well',
    file: extract('src/extract-day.ts'),
    find: 'if (this.#options.ownsKeys) await discard(',
    replace: 'await discard(',
    caughtBy: extract('src/extract-day.test.ts'),
  },
  {
    guard: 'a run has only the files that its manifest lists',
    file: extract('src/upload/earlier-attempt.ts'),
    find: 'if (own.has(key)) continue;',
    replace: "if (key !== '') continue;",
    caughtBy: extract('src/upload/earlier-attempt.test.ts'),
  },
];
