/** Exports of the WebAssembly module; src/csv-scanner.ts calls them. */
export {
  hashSum,
  heapBase,
  inputStart,
  outputEnd,
  recordSum,
  rowCount,
  scan,
  unreadableRows,
} from './csv-scanner';
