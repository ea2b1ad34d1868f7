/** Where the source is and how to reach it safely. */
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { Failure } from '@user-behaviour/shared/failure';
import type { ClientConfig } from 'pg';

const loopback = (host: string): boolean =>
  host === 'localhost' ||
  host === '[::1]' ||
  host === '::1' ||
  (isIPv4(host) && host.startsWith('127.'));

/** Whether the text names a scheme, a host and well-formed parts. */
export function isSourceAddress(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password, pathname } = new URL(text);
  try {
    [username, password, pathname].forEach(decodeURIComponent);
    return hostname !== '' && username !== '';
  } catch {
    return false;
  }
}

/**
 * The URL is taken apart here: with `sslmode` in it, node-postgres would replace the `ssl` object and
 * lose the authorities (docs/pages/features/ssl.mdx there). TLS with a verified certificate always,
 * but for a loopback address, where `sslmode=require` or `verify-full` asks for it.
 */
export function connectionSettings(address: string, caFile: string | undefined): ClientConfig {
  const url = new URL(address);
  const sslmode = url.searchParams.get('sslmode');
  const local = loopback(url.hostname);
  if (!local && sslmode === 'disable') {
    throw new Failure(
      'configuration',
      `the source at ${url.hostname} is asked for without TLS (sslmode=disable); expected a verified connection`,
      {
        action:
          'remove sslmode from SOURCE_DATABASE_URL and name its authority in SOURCE_DATABASE_CA_FILE',
      },
    );
  }
  const plain = local && (sslmode === null || sslmode === 'disable' || sslmode === 'prefer');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ssl: plain
      ? false
      : {
          rejectUnauthorized: true,
          ...(caFile === undefined ? {} : { ca: readAuthorities(caFile) }),
        },
  };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('configuration', `SOURCE_DATABASE_CA_FILE ${file} cannot be read`, { cause });
  }
}
