import { describe, expect, it } from 'vitest';
import { environmentOf, ownNames } from './environment.ts';

const ports = { postgres: 1, s3: 2, emr: 3, redshift: 4, warehouse: 5 };
const access = { source: { user: 'shop', password: 'secret' }, warehouse: 'other' };
const keys = { accessKeyId: 'LOCALKEY', secretAccessKey: 'key' };

describe('environmentOf', () => {
  it('has the address and login of the warehouse, alone and as a URL', () => {
    expect(
      environmentOf(['redshift'], ports, { ...access, warehouse: 'a/b c' }, keys),
    ).toMatchObject({
      REDSHIFT_HOST: '127.0.0.1',
      REDSHIFT_PORT: '5',
      REDSHIFT_USER: 'awsuser',
      REDSHIFT_PASSWORD: 'a/b c',
      REDSHIFT_DATABASE: 'dev',
      REDSHIFT_URL: 'postgres://awsuser:a%2Fb%20c@127.0.0.1:5/dev',
    });
  });

  it('sets only variables that the local cloud removes again', () => {
    const all = environmentOf(['postgres', 's3', 'emr', 'redshift'], ports, access, keys);
    expect(ownNames).toEqual(expect.arrayContaining(Object.keys(all)));
    expect(Object.keys(environmentOf(['emr'], ports, access, keys)).join()).not.toContain(
      'REDSHIFT',
    );
  });
});
