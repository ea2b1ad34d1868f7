/** Parses SOURCE_DATABASE_URL and decides whether its connections use TLS. */
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { Failure } from '@user-behaviour/shared/failure';
import { fileErrorKind } from '@user-behaviour/shared/file-errors';
import type { ClientConfig } from 'pg';

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host === '[::1]' ||
  host === '::1' ||
  (isIPv4(host) && host.startsWith('127.'));

/** Returns whether the text is a postgres:// URL with a user and a host, validly percent-encoded. */
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
 * Converts the URL to settings for node-postgres. Connections use TLS with a verified certificate;
 * only a loopback address does without, unless its `sslmode` is `require`, `verify-ca` or `verify-full`.
 *
 * The URL itself cannot be passed on: an `sslmode` in it would replace the `ssl` object, and with it the
 * certificate authorities (node-postgres, docs/pages/features/ssl.mdx).
 * @throws a configuration failure if the URL disables TLS away from loopback, or if `caFile` is
 * not a readable file; a transient one if its disk or mount fails.
 */
export function parseAddress(address: string, caFile: string | undefined): ClientConfig {
  const url = new URL(address);
  const sslmode = url.searchParams.get('sslmode');
  const local = isLoopback(url.hostname);
  if (!local && sslmode === 'disable') {
    throw new Failure(
      'configuration',
      `SOURCE_DATABASE_URL disables TLS (sslmode=disable) for ${url.hostname}; only a loopback address may do that`,
      {
        action:
          'remove sslmode from SOURCE_DATABASE_URL and set SOURCE_DATABASE_CA_FILE to its certificate authority',
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
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new Failure(
      fileErrorKind(code),
      `could not read SOURCE_DATABASE_CA_FILE ${file}: ${code}`,
      { cause },
    );
  }
}
