import { describe, expect, it } from 'vitest';
import { psqlEnvironment, runPsql } from './psql-client.ts';
import { sourceConfiguration } from './source-query.ts';

const configuration = (url: string, caFile?: string) =>
  sourceConfiguration({
    PIPELINE_BUCKET: 'stages',
    AWS_REGION: 'eu-west-1',
    SOURCE_DATABASE_URL: url,
    SOURCE_DATABASE_CA_FILE: caFile,
  });

describe('the variables of psql', () => {
  it('name the source, and make each transaction read only', async () => {
    const url = 'postgres://reader:open%20sesame@127.0.0.1:5433/shop';
    const others = { PATH: '/bin', PGSERVICE: 'other', PGHOSTADDR: '192.0.2.1' };
    const env = await psqlEnvironment(configuration(url), others);
    expect(env).toMatchObject({
      PATH: '/bin',
      PGHOST: '127.0.0.1',
      PGPORT: '5433',
      PGDATABASE: 'shop',
      PGUSER: 'reader',
      PGPASSWORD: 'open sesame',
      PGSSLMODE: 'disable',
      PGSERVICE: undefined,
      PGHOSTADDR: undefined,
    });
    expect(env['PGOPTIONS']).toContain('-c default_transaction_read_only=on');
  });

  it('verify the certificate of a source elsewhere', async () => {
    const url = 'postgres://reader:x@db.example.com/shop';
    expect(await psqlEnvironment(configuration(url), {})).toMatchObject({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: 'system',
    });
    const own = configuration(url, import.meta.filename);
    expect((await psqlEnvironment(own, {}))['PGSSLROOTCERT']).toBe(import.meta.filename);
  });
});

it('without psql on PATH, says what to install', async () => {
  await expect(runPsql({ PATH: '/nowhere' })).rejects.toMatchObject({
    kind: 'configuration',
    action: expect.stringContaining('make psql SQL=') as string,
  });
});
