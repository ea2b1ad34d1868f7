/** One call to an HTTP server and its reply, as bytes: sent, passed on or truncated. */
import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { errorReply, type HttpService } from './error-replies.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['rawHeaders'];
  readonly body: Buffer;
}

export function errorResponse(service: HttpService): Reply {
  const { status, headers, body } = errorReply(service);
  return { status, headers: Object.entries(headers).flat(), body: Buffer.from(body) };
}

/** Resolves when the client has closed the connection. */
export const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else {
      socket.once('close', () => {
        resolve();
      });
    }
  });

export function send(
  url: URL,
  incoming: IncomingMessage,
  body: Buffer,
  agent: Agent,
): Promise<Reply> {
  const headers = Object.entries(incoming.headers).filter(
    ([name]) => name !== 'expect' && name !== 'transfer-encoding',
  );
  const options = {
    method: incoming.method ?? 'GET',
    agent,
    headers: { ...Object.fromEntries(headers), 'content-length': String(body.length) },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (reply) => {
      buffer(reply).then((content) => {
        resolve({ status: reply.statusCode ?? 502, headers: reply.rawHeaders, body: content });
      }, reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function head({ status, headers }: Reply, response: ServerResponse, skipped: Set<string>): void {
  const names = headers.filter((_, at) => at % 2 === 0);
  response.statusCode = status;
  names.forEach((name, at) => {
    if (!skipped.has(name.toLowerCase())) response.setHeader(name, headers[2 * at + 1] ?? '');
  });
}

const connectionHeaders = ['connection', 'keep-alive', 'transfer-encoding'];

export function pass(reply: Reply, response: ServerResponse): void {
  // The reply to HEAD has a content-length, but no body.
  const bodiless = response.req.method === 'HEAD';
  const skipped = new Set([...connectionHeaders, ...(bodiless ? [] : ['content-length'])]);
  head(reply, response, skipped);
  if (!bodiless) response.setHeader('content-length', reply.body.length);
  response.end(bodiless ? undefined : reply.body);
}

/** Sends half of the body that the headers promise, then closes the connection. */
export function passTruncated(reply: Reply, response: ServerResponse): void {
  head(reply, response, new Set([...connectionHeaders, 'content-length']));
  // For an empty body, the headers promise one that never comes.
  response.setHeader('content-length', Math.max(reply.body.length, 2));
  const half = reply.body.subarray(0, Math.floor(reply.body.length / 2));
  response.flushHeaders();
  response.write(half, () => response.destroy());
}
