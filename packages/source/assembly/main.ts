/** Exports of the WebAssembly module; src/csv-scanner.ts calls them. */
export { hashSum, heapBase, inputStart, outputEnd, rowCount, scan } from './csv-scanner';
