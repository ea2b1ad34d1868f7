/** Writes the table of rights into docs/contract.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from './table.ts';

const contract = join(import.meta.dirname, '../../../docs/contract.md');
writeFileSync(contract, withTable(readFileSync(contract, 'utf8')));
