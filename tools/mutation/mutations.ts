/** All guards that the mutation run takes out, one at a time. */
import { cleaning } from './cleaning.ts';
import { dataApi } from './data-api.ts';
import { extraction } from './extraction.ts';
import { loading } from './loading.ts';
import { looking } from './looking.ts';
import type { Mutation } from './mutation.ts';
import { publishing } from './publishing.ts';
import { reporting } from './reporting.ts';
import { staging } from './staging.ts';
import { sweeping } from './sweeping.ts';

export const mutations: readonly Mutation[] = [
  ...publishing,
  ...extraction,
  ...staging,
  ...cleaning,
  ...loading,
  ...dataApi,
  ...sweeping,
  ...looking,
  ...reporting,
];
