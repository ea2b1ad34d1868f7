import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Gathering } from './read-coalescing.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function open() {
  const stream = new PassThrough();
  stream.resume();
  return { stream, gathering: new Gathering(stream) };
}

/** To the end of this turn of the event loop, not to the next millisecond. */
const turn = () => vi.advanceTimersByTime(0);
const little = 8 * 1024;

describe('a reader', () => {
  it('rests for a moment after a turn that brought little', () => {
    const { stream, gathering } = open();
    gathering.after(little, true);
    expect(stream.isPaused()).toBe(false);
    turn();
    expect(stream.isPaused()).toBe(true);
    vi.advanceTimersByTime(2);
    expect(stream.isPaused()).toBe(false);
  });

  it('that gets much in one turn goes on, in however many pieces it came', () => {
    const { stream, gathering } = open();
    for (let piece = 0; piece < 8; piece += 1) gathering.after(little, true);
    turn();
    expect(stream.isPaused()).toBe(false);
    // The next turn counts for itself.
    gathering.after(little, true);
    turn();
    expect(stream.isPaused()).toBe(true);
  });

  it('that has stopped by itself is not woken', () => {
    const { stream, gathering } = open();
    stream.pause();
    gathering.after(little, false);
    turn();
    vi.advanceTimersByTime(1_000);
    expect(stream.isPaused()).toBe(true);
  });
});
