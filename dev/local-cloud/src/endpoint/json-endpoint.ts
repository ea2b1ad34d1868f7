/** An HTTP endpoint for the AWS JSON 1.1 protocol, which EMR and the Redshift Data API use. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, FaultScript } from './fault-script.ts';
import { checkOrigin } from './request-origin.ts';
import { ServiceError } from './service-error.ts';
import { claimOf, type Signer, verify } from './signature.ts';

export { ServiceError } from './service-error.ts';

export interface OperationContext {
  /** Aborts when the caller disconnects. */
  readonly signal: AbortSignal;
  /** The fault that a test has scripted for this call. */
  readonly fault?: Fault | undefined;
}

/** One API operation: takes the parsed request and returns the reply. A ServiceError becomes an error reply. */
export type Operation = (input: Record<string, unknown>, context: OperationContext) => unknown;

export interface JsonEndpointOptions {
  /** The part of `X-Amz-Target` before the operation's name, e.g. `ElasticMapReduce`. */
  readonly targetPrefix: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly signer: Signer;
  readonly port: number;
  readonly host: string;
  /** Host names with which the endpoint is reached at any port, besides those of the loopback address at its own. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whether it takes the faults that a test scripts. */
  readonly takesFaults?: boolean | undefined;
  /** Called with an unexpected error: a bug of the endpoint, never of its caller. */
  readonly onBug?: (operation: string, error: unknown) => void;
}

export interface RunningEndpoint {
  readonly url: string;
  /** What else the program prints when it is ready. */
  readonly ready?: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/**
 * Starts listening; port 0 means any free port. `GET /health` returns 200 without a signature; with `takesFaults`,
 * `POST /_faults` adds to the fault script.
 */
export async function startJsonEndpoint(options: JsonEndpointOptions): Promise<RunningEndpoint> {
  const faults = new FaultScript();
  const server = createServer((request, response) => {
    void answer(options, faults, request, response);
  });
  const { host } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${String(port)}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  server.closeAllConnections();
  await closed;
}

async function answer(
  options: JsonEndpointOptions,
  faults: FaultScript,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const disconnected = new AbortController();
  response.on('close', () => {
    disconnected.abort();
  });
  let operation = 'unknown';
  try {
    checkOrigin(request.headers, request.socket.localPort ?? 0, options.allowedHosts ?? []);
    if (request.method === 'GET' && request.url === '/health') {
      send(response, 200, { status: 'ok' });
      return;
    }
    const claim = claimOf(request, options.signer);
    const body = await text(request);
    await verify(request, body, claim, options.signer);
    if (request.method === 'POST' && request.url === '/_faults') {
      if (options.takesFaults !== true) {
        throw new ServiceError(
          'UnknownOperationException',
          'started without --take-faults',
          {},
          404,
        );
      }
      faults.add(JSON.parse(body));
      send(response, 200, {});
      return;
    }
    operation = operationName(options, request);
    const run = options.operations[operation];
    if (run === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `${operation} is not an operation that the local cloud supports`,
      );
    }
    const fault = faults.take(operation);
    if (fault?.before !== undefined) await delay(fault.before);
    if (fault?.kind === 'reset') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'error')
      throw new ServiceError(fault.code, fault.message, {}, fault.status);
    const reply = await run(parse(body), { signal: disconnected.signal, fault });
    if (fault?.kind === 'lose-reply') {
      request.socket.destroy();
      return;
    }
    send(response, 200, reply ?? {});
  } catch (error) {
    if (error instanceof ServiceError) {
      send(response, error.status, {
        __type: error.code,
        message: error.message,
        Message: error.message,
        ...error.fields,
      });
      return;
    }
    options.onBug?.(operation, error);
    send(response, 500, { __type: 'InternalServerException', message: String(error) });
  }
}

function operationName(options: JsonEndpointOptions, request: IncomingMessage): string {
  const target = String(request.headers['x-amz-target'] ?? '');
  const [prefix, name] = target.split('.');
  if (prefix !== options.targetPrefix || name === undefined) {
    throw new ServiceError('UnknownOperationException', `unknown X-Amz-Target '${target}'`);
  }
  return name;
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Falls through to the reply for every body that is not a JSON object.
  }
  throw new ServiceError('SerializationException', 'the request body is not a JSON object');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
}
