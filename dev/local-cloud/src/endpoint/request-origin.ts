/**
 * Refuses requests of web pages. A page may send them to a port of this machine: with an Origin, or, if its own
 * host name is made to resolve to 127.0.0.1, with that name as the Host.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from './service-error.ts';

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** @throws ServiceError AccessDeniedException unless the Host is a loopback name with this port, or an allowed host with any port. */
export function checkOrigin(
  { host = '', origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>,
  port: number,
  allowedHosts: readonly string[],
): void {
  if (origin !== undefined) throw denied('a request of a web page (with an Origin) is refused');
  const [, name = '', given = '80'] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  const isOwn = loopback.includes(name.toLowerCase()) && Number(given) === port;
  if (!isOwn && !allowedHosts.includes(name.toLowerCase())) {
    throw denied(`'${host}' is not an address of this endpoint; --allow-host allows further names`);
  }
}

const denied = (message: string): ServiceError =>
  new ServiceError('AccessDeniedException', message, {}, 403);
