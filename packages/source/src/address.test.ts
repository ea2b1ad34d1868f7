import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAddress, isSourceAddress } from './address.ts';

const tlsOf = (address: string, caFile?: string) => parseAddress(address, caFile).ssl;

describe('parseAddress', () => {
  it('splits the URL and decodes its parts', () => {
    expect(parseAddress('postgres://r%40ader:p%2Fss@db.example:6543/sh%20op', undefined)).toEqual({
      host: 'db.example',
      port: 6543,
      database: 'sh op',
      user: 'r@ader',
      password: 'p/ss',
      ssl: { rejectUnauthorized: true },
    });
  });

  it("defaults to PostgreSQL's port and to the user's database", () => {
    expect(parseAddress('postgresql://reader:x@localhost', undefined)).toMatchObject({
      port: 5432,
      database: 'reader',
    });
  });

  it('accepts IPv6', () => {
    expect(parseAddress('postgres://u:p@[::1]:5433/shop', undefined)).toMatchObject({
      host: '::1',
      port: 5433,
      ssl: false,
    });
  });
});

describe('isSourceAddress', () => {
  it.each([
    'mysql://u:p@h/d',
    'u:p@h/d',
    'postgres://',
    'postgres:///shop',
    'postgres://h/shop',
    'postgres://u:%zz@h/shop',
    'postgres://u:p@h:port/shop',
  ])('rejects %s', (text) => {
    expect(isSourceAddress(text)).toBe(false);
  });
});

describe('TLS', () => {
  it.each([
    'db.example',
    '10.0.0.1',
    '[fd00::1]',
    'localhost.example',
    '127.0.0.1.example',
    '127.1',
  ])('is verified for %s, whatever sslmode says', (host) => {
    for (const mode of ['', '?sslmode=prefer', '?sslmode=require', '?sslmode=no-verify']) {
      expect(tlsOf(`postgres://u:p@${host}/d${mode}`)).toEqual({ rejectUnauthorized: true });
    }
  });

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('is not required for %s', (host) => {
    for (const mode of ['', '?sslmode=prefer', '?sslmode=disable']) {
      expect(tlsOf(`postgres://u:p@${host}/d${mode}`)).toBe(false);
    }
  });

  it('is verified for a loopback address if sslmode requires it', () => {
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      expect(tlsOf(`postgres://u:p@localhost/d?sslmode=${mode}`)).toEqual({
        rejectUnauthorized: true,
      });
    }
  });

  it('cannot be disabled for other addresses, and the message omits the password', () => {
    let failure: unknown;
    try {
      tlsOf('postgres://u:hunter2@db.example/d?sslmode=disable');
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ kind: 'configuration' });
    expect(String(failure)).toContain('db.example');
    expect(String(failure)).not.toContain('hunter2');
  });

  it('uses the certificate authorities of SOURCE_DATABASE_CA_FILE', () => {
    const folder = mkdtempSync(join(tmpdir(), 'authorities-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'ca.pem');
    writeFileSync(file, 'an authority');
    expect(tlsOf('postgres://u:p@db.example/d', file)).toEqual({
      rejectUnauthorized: true,
      ca: 'an authority',
    });
    expect(() => tlsOf('postgres://u:p@db.example/d', join(folder, 'none.pem'))).toThrow(
      /could not read SOURCE_DATABASE_CA_FILE .*none\.pem/,
    );
  });
});
