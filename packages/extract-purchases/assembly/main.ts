/** What the WebAssembly module offers; src/csv-scanner.ts is its other half. */
export { free, hashes, rows, scan, taken, written } from './csv-scanner';
export { xxhash64 } from './xxhash64';
