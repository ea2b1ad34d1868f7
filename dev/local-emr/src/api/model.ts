/** The part of the EMR API model that the endpoint emulates. */
import {
  invalidInput,
  type ServiceModel,
} from '@user-behaviour/local-cloud/endpoint/service-model';
import type { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import * as z from 'zod';
import json from './model.json' with { type: 'json' };

export const emrModel: ServiceModel = json;
export type OperationName = keyof (typeof json)['operations'];

/** The exception that the operation uses for wrong input. */
export const wrongInput = (operation: OperationName, message: string): ServiceError =>
  invalidInput(emrModel, operation, message);

/** The parsed request. @throws ServiceError that lists every error in the request. */
export function parseRequest<Schema extends z.ZodType>(
  operation: OperationName,
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
  );
  const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
  throw wrongInput(operation, `${count}: ${faults.join('; ')}`);
}
