/** infra/compose.yaml and infra/compose.env as data. A key that is not named here is refused, so that none is overlooked. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { readManifests } from './manifest-files.ts';

export const infra = join(import.meta.dirname, '..');
export const composeFile = join(infra, 'compose.yaml');

const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.tuple([z.string()]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  init: z.boolean().default(false),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.literal('service_healthy'), restart: z.boolean() }),
    )
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
    })
    .optional(),
});

export type Service = z.infer<typeof service>;

export const { services, volumes } = z
  .strictObject({
    name: z.string(),
    services: z.record(z.enum(['postgres', 'localstack', 'emr', 'redshift']), service),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(readManifests([composeFile])[composeFile]?.[0]);

export type ServiceName = keyof typeof services;

/** The port of this machine, where no LOCAL_CLOUD_…_PORT says another. */
export const publishedPort = ({ ports }: Service): number =>
  Number(/_PORT:-(\d+)\}/.exec(ports[0])?.[1]);

/** The variables that lead to the services, with a new key pair. */
export const composeEnv = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parseEnv(execFileSync(join(infra, 'compose-env.sh'), { encoding: 'utf8' }))).map(
      ([name, value = '']) => [name, value],
    ),
  );
