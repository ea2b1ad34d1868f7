/** Runs a program of PostgreSQL to its end. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Command } from './unprivileged.ts';

/** @throws with what it wrote to its error output, if its exit code is not 0. */
export async function complete({ file, args, ...ids }: Command, input = ''): Promise<void> {
  const child = spawn(file, [...args], { ...ids, cwd: '/', stdio: ['pipe', 'ignore', 'pipe'] });
  // The exit code says more of a program that ends before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [errors, code] = await Promise.all([text(child.stderr), ended]);
  if (code !== 0) {
    throw new Error(`could not prepare the PostgreSQL data directory: ${errors.trim()}`);
  }
}
