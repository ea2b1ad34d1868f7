/**
 * A read-only site on this machine. Other users of the machine and pages of the web can reach its port, so every path
 * begins with a secret, the name in the Host header must be the machine's own, and nothing may embed or read an answer.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '@user-behaviour/shared/failure';
import { policy } from '../page/document.ts';

/** What answers a path below the secret, e.g. `page`; undefined if there is nothing. */
export type Site = (
  path: string,
  query: URLSearchParams,
  root: string,
) => Promise<SitePage | undefined>;

export interface SitePage {
  readonly status: number;
  readonly html: string;
}

export interface RunningSite extends AsyncDisposable {
  readonly url: string;
}

const address = '127.0.0.1';
const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** `port` 0 is any free one. @throws Failure if the port cannot be had. */
export async function serve(site: Site, port: number): Promise<RunningSite> {
  const secret = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    void answer(request, response, site, secret);
  });
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { message } = error as Error;
    throw new Failure('configuration', `port ${String(port)} cannot be used: ${message}`, {
      action: 'name another port; 0 takes any that is free',
    });
  }
  const at = `${address}:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `http://${at}/${secret}/`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  secret: string,
): Promise<void> {
  const refuse = (status: number, text: string, more: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, {
      ...headers,
      'Content-Type': 'text/plain; charset=utf-8',
      ...more,
    });
    response.end(`${text}\n`);
  };
  const { method = '', url = '/', headers: given, socket } = request;
  if (!isOwnName(given.host, socket.localPort)) {
    refuse(403, 'this site has another name');
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(405, 'this site is read only', { Allow: 'GET, HEAD' });
    return;
  }
  const { pathname, searchParams } = URL.parse(url, 'http://site') ?? new URL('http://site');
  const [, first = '', ...rest] = pathname.split('/');
  try {
    const page = isSame(first, secret)
      ? await site(rest.join('/'), searchParams, `/${secret}/`)
      : undefined;
    if (page === undefined) {
      refuse(404, 'not found: the whole address is where make ui was started');
      return;
    }
    response.writeHead(page.status, { ...headers, 'Content-Type': 'text/html; charset=utf-8' });
    response.end(page.html);
  } catch (error) {
    refuse(500, `this page could not be drawn: ${(error as Error).message}`);
  }
}

/** A page of the web that had its name point here would send that name. */
const isOwnName = (host: string | undefined, port: number | undefined): boolean =>
  [address, 'localhost'].some(
    // A browser leaves the usual port out.
    (name) => host === `${name}:${String(port)}` || (port === 80 && host === name),
  );

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
