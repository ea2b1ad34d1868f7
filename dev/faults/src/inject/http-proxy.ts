/** Stands before one HTTP service and does to a call what the effect book says. */
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Call } from './fault-schedule.ts';
import {
  type Effect,
  emrEffect,
  namesFromReply,
  redshiftEffect,
  s3Effect,
  secretsManagerEffect,
  reportsEnd,
} from './effect-name.ts';
import type { HttpService } from './error-replies.ts';
import type { Fault } from './fault.ts';
import type { Controls } from './controls.ts';
import { gone, pass, passCut, refusal, type Reply, send } from './http-exchange.ts';
import { LateCalls } from './late-calls.ts';

/** Without the number that its repetition has, too. */
const plainName = ({ name }: Call): string => name.replace(/ (#\d+|\(first\))$/, '');

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
}

/** `target` is the real server's address. */
export async function startHttpProxy(
  service: HttpService,
  target: string,
  controls: Controls,
): Promise<HttpProxy> {
  const agent = new Agent({ keepAlive: true });
  const names = new Map<string, string>();
  const late = new LateCalls();

  const effectOf = (incoming: IncomingMessage, body: Buffer): Effect => {
    const { method = '', url = '', headers } = incoming;
    const operation = String(headers['x-amz-target']);
    if (service === 's3') return s3Effect({ method, url, headers });
    if (service === 'emr') return emrEffect(operation, body.toString(), names);
    if (service === 'secretsmanager') return secretsManagerEffect(operation);
    return redshiftEffect(operation, body.toString(), names);
  };

  const forward = async (incoming: IncomingMessage, body: Buffer): Promise<Reply> => {
    const reply = await send(new URL(incoming.url ?? '', target), incoming, body, agent);
    if (service !== 's3' && reply.status === 200) {
      for (const [id, name] of namesFromReply(body.toString(), reply.body.toString())) {
        names.set(id, name);
      }
    }
    return reply;
  };

  const holdBack = async (incoming: IncomingMessage, body: Buffer, call: Call) => {
    const givenUp = gone(incoming.socket);
    late.hold({ name: plainName(call), givenUp, forward: () => forward(incoming, body) });
    await givenUp;
    return 'none' as const;
  };

  /** What is done before the server hears of the call. An answer that it gives is the one to pass on. */
  const beforehand = async (
    incoming: IncomingMessage,
    body: Buffer,
    call: Call,
  ): Promise<Reply | 'none' | undefined> => {
    switch (call.fault) {
      case 'killed before':
        controls.kill();
        return 'none';
      case 'error reply':
      case 'errors in a row':
        return refusal(service);
      case 'answered twice':
        await forward(incoming, body);
        return undefined;
      case 'applied late':
        return holdBack(incoming, body, call);
      case 'killed after':
      case 'lost answer':
      case 'late answer':
      case 'cut answer':
      case undefined:
        return undefined;
    }
  };

  /** A poll's first call may be its last one, too. */
  const faultAtTheEnd = (call: Call, { status, body }: Reply): Fault | undefined =>
    call.last !== undefined && status === 200 && reportsEnd(body.toString())
      ? controls.schedule.ended(call)
      : undefined;

  /** What is done when the server has answered. */
  const afterwards = async (fault: Fault | undefined, reply: Reply, response: ServerResponse) => {
    const { socket } = response.req;
    switch (fault) {
      case 'killed before':
      case 'killed after':
        controls.kill();
        break;
      case 'late answer':
      case 'applied late':
        await gone(socket);
        break;
      case 'lost answer':
        break;
      case 'cut answer':
        if (response.req.method === 'HEAD') break;
        passCut(reply, response);
        return;
      case 'error reply':
      case 'errors in a row':
        pass(refusal(service), response);
        return;
      case 'answered twice':
      case undefined:
        pass(reply, response);
        return;
    }
    socket.destroy();
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming);
    const call = controls.schedule.arrive(effectOf(incoming, body));
    controls.listen?.(call.name, body.toString());
    const release = await controls.gate(call.name);
    try {
      const early = await beforehand(incoming, body, call);
      if (early === 'none') incoming.socket.destroy();
      else if (early !== undefined) pass(early, response);
      else {
        const reply = await forward(incoming, body);
        const atTheEnd = faultAtTheEnd(call, reply);
        await afterwards(call.fault ?? atTheEnd, reply, response);
        await late.release(plainName(call));
      }
    } finally {
      release();
    }
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await late.release();
      agent.destroy();
    },
  };
}
