/**
 * The variables of lineage, which every job takes. They have the names that OpenLineage's own clients use, where
 * there is one. A wrong one costs a line of the log: lineage never decides how a run ends.
 */
import * as z from 'zod';
import { isSet } from '../environment/is-set.ts';
import { type Environment, variable } from '../runner/config.ts';
import { defaultNamespace } from './default-namespace.ts';

const optional = z.string().optional();

export const lineageVariables = {
  OPENLINEAGE_URL: variable(
    'address of a service that takes OpenLineage events, such as http://marquez:5000; without it, no events are sent',
    optional,
  ),
  OPENLINEAGE_ENDPOINT: variable(
    'path of that address; one that ends with /batch gets all events of a run in one request',
    z.string().default('api/v1/lineage'),
  ),
  OPENLINEAGE_API_KEY: variable('token that is sent with the events, as Bearer', optional),
  OPENLINEAGE_DISABLED: variable('true: no events are sent', optional),
  OPENLINEAGE_NAMESPACE: variable(
    'namespace of the jobs in the events',
    z.string().default(defaultNamespace),
  ),
  OPENLINEAGE_SOURCE: variable(
    'postgres://host:port/database by which others know the source, if that is not its address here',
    optional,
  ),
  OPENLINEAGE_PARENT_ID: variable(
    'the run that started this one, as namespace/job/run id; set by a scheduler',
    optional,
  ),
  OPENLINEAGE_ROOT_PARENT_ID: variable('the first run of that chain, in the same form', optional),
} as const;

export const sendsLineage = (environment: Environment): boolean =>
  isSet(environment, 'OPENLINEAGE_URL') &&
  !/^true$/i.test(environment['OPENLINEAGE_DISABLED'] ?? '');
