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
];
