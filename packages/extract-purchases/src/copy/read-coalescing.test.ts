import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadCoalescer } from './read-coalescing.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function open() {
  const stream = new PassThrough();
  stream.resume();
  return { stream, coalescer: new ReadCoalescer(stream) };
}

/** Runs to the end of this turn of the event loop, not to the next millisecond. */
const endTurn = () => vi.advanceTimersByTime(0);
const smallRead = 8 * 1024;

describe('ReadCoalescer', () => {
  it('pauses the stream briefly after a turn with little data', () => {
    const { stream, coalescer } = open();
    coalescer.onRead(smallRead, true);
    expect(stream.isPaused()).toBe(false);
    endTurn();
    expect(stream.isPaused()).toBe(true);
    vi.advanceTimersByTime(2);
    expect(stream.isPaused()).toBe(false);
  });

  it('does not pause after a turn with much data, in however many reads', () => {
    const { stream, coalescer } = open();
    for (let read = 0; read < 8; read += 1) coalescer.onRead(smallRead, true);
    endTurn();
    expect(stream.isPaused()).toBe(false);
    // Each turn counts separately.
    coalescer.onRead(smallRead, true);
    endTurn();
    expect(stream.isPaused()).toBe(true);
  });

  it('does not resume a stream that the reader has stopped', () => {
    const { stream, coalescer } = open();
    stream.pause();
    coalescer.onRead(smallRead, false);
    endTurn();
    vi.advanceTimersByTime(1_000);
    expect(stream.isPaused()).toBe(true);
  });
});
