/** All guards that the mutation run takes out, one at a time. */
import { capturing } from './guards/capturing.ts';
import { cleaning } from './guards/cleaning.ts';
import { dataApi } from './guards/data-api.ts';
import { hdfs } from './guards/hdfs.ts';
import { extraction } from './guards/extraction.ts';
import { loadSets } from './guards/load-sets.ts';
import { loading } from './guards/loading.ts';
import { looking } from './guards/looking.ts';
import type { Mutation } from './mutation.ts';
import { parquet } from './guards/parquet.ts';
import { publishing } from './guards/publishing.ts';
import { reporting } from './guards/reporting.ts';
import { staging } from './guards/staging.ts';
import { sweeping } from './guards/sweeping.ts';

export const mutations: readonly Mutation[] = [
  ...publishing,
  ...extraction,
  ...parquet,
  ...capturing,
  ...staging,
  ...cleaning,
  ...hdfs,
  ...loading,
  ...loadSets,
  ...dataApi,
  ...sweeping,
  ...looking,
  ...reporting,
];
