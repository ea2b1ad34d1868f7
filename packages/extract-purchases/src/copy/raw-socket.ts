/** A connection's bytes as they come from the server, taken before node-postgres sees them. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Gathering } from './read-coalescing.ts';

/** Takes bytes away from node-postgres. */
export interface Intake {
  /** Where the next bytes may go; asked before each read. */
  readonly space: () => Uint8Array;
  /** Told of bytes, in that space or elsewhere; false to get no more until the stream is resumed. */
  readonly accept: (chunk: Uint8Array) => boolean;
}

const taps = new WeakMap<Duplex, { intake: Intake | undefined }>();

/**
 * A socket that reads straight into the intake's memory while there is one: without Node's streams
 * and their buffers, which cost half of a copy's processor time. Else it is like any other socket.
 */
export function tappableSocket(): Socket {
  const tap: { intake: Intake | undefined } = { intake: undefined };
  const ordinary = new Uint8Array(16 * 1024);
  const socket = new Socket({
    onread: {
      buffer: () => tap.intake?.space() ?? ordinary,
      callback: (count, buffer) => {
        const chunk = buffer.subarray(0, count);
        if (tap.intake !== undefined) {
          const more = tap.intake.accept(chunk);
          gathering.after(count, more);
          return more;
        }
        socket.emit('data', Buffer.from(chunk));
        return true;
      },
    },
  });
  const gathering = new Gathering(socket);
  taps.set(socket, tap);
  return socket;
}

export interface Diversion {
  /** Hands a message on to node-postgres. */
  readonly pass: (message: Buffer) => void;
  /** Everything goes to node-postgres again. */
  readonly end: () => void;
}

/** Sends the bytes of a node-postgres connection to the intake from now on. */
export function divert(stream: Duplex, intake: Intake): Diversion {
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[];
  const pass = (message: Buffer) => {
    for (const listener of listeners) listener(message);
  };
  const tap = taps.get(stream);
  if (tap !== undefined) {
    tap.intake = intake;
    return {
      pass,
      end: () => {
        tap.intake = undefined;
      },
    };
  }
  // TLS decrypts into chunks of its own.
  const gathering = new Gathering(stream);
  const listener = (chunk: Buffer) => {
    const more = intake.accept(chunk);
    gathering.after(chunk.length, more);
    if (!more) stream.pause();
  };
  for (const other of listeners) stream.off('data', other);
  stream.on('data', listener);
  return {
    pass,
    end: () => {
      stream.off('data', listener);
      for (const other of listeners) stream.on('data', other);
    },
  };
}
