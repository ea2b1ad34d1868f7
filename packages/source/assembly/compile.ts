/** Compiles the AssemblyScript in this folder: for the bundle, and for tests that run from source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

/**
 * Returns the WebAssembly binary, a few kilobytes.
 * @throws an Error with the compiler's diagnostics if compilation fails.
 */
export async function compileScanner(): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const diagnostics: string[] = [];
  const { error } = await asc.main(
    [
      'main.ts',
      ...['--outFile', 'scanner.wasm', '--optimizeLevel', '3', '--noAssert'],
      // The module allocates nothing: the host provides the memory and decides its layout.
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
      stderr: { write: (chunk) => void diagnostics.push(String(chunk)) },
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(diagnostics.join('') || 'AssemblyScript reported no diagnostics', {
      cause: error,
    });
  }
  return binary;
}
