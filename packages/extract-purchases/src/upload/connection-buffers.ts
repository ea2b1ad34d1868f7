/** The memory of one connection: a scanner, whose output region holds the part buffers. */
import { CsvScanner } from '@user-behaviour/source/csv-scanner';
import { PartBuffers, type PartSizes } from './part-buffers.ts';

export interface ConnectionBuffers {
  readonly scanner: CsvScanner;
  readonly parts: PartBuffers;
}

export async function createConnectionBuffers(sizes: PartSizes): Promise<ConnectionBuffers> {
  const scanner = await CsvScanner.create(PartBuffers.memorySize(sizes), { hashesRecords: true });
  return { scanner, parts: new PartBuffers(scanner.memory, scanner.outputStart, sizes) };
}
