/** Compiles the AssemblyScript of this folder; for the bundle, and for tests that run the sources. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

/** The WebAssembly module, a few kilobytes. @throws with the compiler's words when it does not compile. */
export async function compileScanner(): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const complaints: string[] = [];
  const { error } = await asc.main(
    [
      'main.ts',
      ...['--outFile', 'scanner.wasm', '--optimizeLevel', '3', '--noAssert'],
      // Nothing is allocated: the host lays out the memory and hands it in.
      ...['--runtime', 'stub', '--importMemory'],
      ...['--enable', 'simd', '--enable', 'bulk-memory'],
    ],
    {
      readFile: (name) => {
        try {
          return readFileSync(join(import.meta.dirname, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = new Uint8Array(contents);
      },
      listFiles: () => [],
      stderr: { write: (chunk) => void complaints.push(String(chunk)) },
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(complaints.join('') || 'the scanner did not compile', { cause: error });
  }
  return binary;
}
