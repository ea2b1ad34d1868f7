/** Where `health` sends its result. */
import {
  type Configuration,
  type Environment,
  readConfiguration,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }).optional();

export const addresses = {
  PING_URL: variable(
    'URL that receives the start and the end, by the protocol of healthchecks.io',
    url,
  ),
  WEBHOOK_URL: variable('address that gets the findings, as a webhook of Slack does', url),
  PROMETHEUS_FILE: variable('file for the textfile collector', z.string().optional()),
} as const;

export type Addresses = Configuration<typeof addresses>;

/** @throws Failure of kind configuration, without the value, for a wrong address. */
export const addressesOf = (environment: Environment): Addresses =>
  readConfiguration(addresses, environment);
