/** The environment variables of capture-purchases. */
import { type Configuration, rulesVariable, variable } from '@user-behaviour/shared/runner/config';
import { minQuantity, sourceVariables } from '@user-behaviour/source/config';
import * as z from 'zod';

/** What PostgreSQL accepts as the name of a slot; a publication takes it as well. */
const name = z
  .string()
  .default('user_behaviour')
  .refine((text) => /^[a-z0-9_]{1,63}$/.test(text), 'expected 1 to 63 of a-z, 0-9 and _');

export const variables = {
  ...sourceVariables,
  ...rulesVariable,
  CAPTURE_SLOT: variable('name of the replication slot at the source', name),
  CAPTURE_PUBLICATION: variable('name of the publication of retail.user_purchase', name),
  ...minQuantity,
} as const;

export type CaptureConfiguration = Configuration<typeof variables>;
