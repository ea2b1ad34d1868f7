/** Intercepts the bytes that a server sends on a connection, before node-postgres parses them. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ReadCoalescer } from './read-coalescing.ts';

/** Receives bytes instead of node-postgres. */
export interface DataSink {
  /** Returns the memory to read the next bytes into; called before each read. */
  readonly buffer: () => Uint8Array;
  /** Takes bytes, in that memory or elsewhere. Returns false to stop until the stream is resumed. */
  readonly write: (chunk: Uint8Array) => boolean;
}

/** The sink, if any, that each raw socket reads into. */
const rawSockets = new WeakMap<Duplex, { sink: DataSink | undefined }>();

/**
 * Creates a socket for node-postgres that can read straight into a sink's memory. This bypasses Node's
 * streams and their buffers, which take half of a copy's processor time. Without a sink the socket
 * behaves like any other.
 */
export function createRawSocket(): Socket {
  const raw: { sink: DataSink | undefined } = { sink: undefined };
  const defaultBuffer = new Uint8Array(16 * 1024);
  const socket = new Socket({
    onread: {
      buffer: () => raw.sink?.buffer() ?? defaultBuffer,
      callback: (count, buffer) => {
        const chunk = buffer.subarray(0, count);
        if (raw.sink !== undefined) {
          const more = raw.sink.write(chunk);
          coalescer.onRead(count, more);
          return more;
        }
        socket.emit('data', Buffer.from(chunk));
        return true;
      },
    },
  });
  const coalescer = new ReadCoalescer(socket);
  rawSockets.set(socket, raw);
  return socket;
}

export interface Interception {
  /** Passes one or more protocol messages on to node-postgres. */
  readonly forward: (messages: Buffer) => void;
  /** Gives the connection back to node-postgres. */
  readonly end: () => void;
}

/** Sends what the server sends on a node-postgres connection to the sink, until `end` is called. */
export function interceptData(stream: Duplex, sink: DataSink): Interception {
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[];
  const forward = (messages: Buffer) => {
    for (const listener of listeners) listener(messages);
  };
  const raw = rawSockets.get(stream);
  if (raw !== undefined) {
    raw.sink = sink;
    return {
      forward,
      end: () => {
        raw.sink = undefined;
      },
    };
  }
  // A TLS socket decrypts into its own chunks, so its data must be copied.
  const coalescer = new ReadCoalescer(stream);
  const listener = (chunk: Buffer) => {
    const more = sink.write(chunk);
    coalescer.onRead(chunk.length, more);
    if (!more) stream.pause();
  };
  for (const other of listeners) stream.off('data', other);
  stream.on('data', listener);
  return {
    forward,
    end: () => {
      stream.off('data', listener);
      for (const other of listeners) stream.on('data', other);
    },
  };
}
