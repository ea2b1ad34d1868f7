import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowCounter } from './row-counter.ts';

const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '😀') });

/** As PostgreSQL's COPY … csv writes it: quotes only where they are needed, doubled within. */
const written = (text: string) =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const csv = (rows: readonly (readonly string[])[]) =>
  [['head', 'line'], ...rows].map((row) => `${row.map(written).join(',')}\n`).join('');

function count(chunks: readonly Uint8Array[]): number {
  const counter = new RowCounter();
  for (const chunk of chunks) counter.push(chunk);
  return counter.rows;
}

describe('the row counter', () => {
  it('counts records, not lines, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field), { maxLength: 20 }),
        fc.array(fc.nat({ max: 500 })),
        (rows, cuts) => {
          const body = Buffer.from(csv(rows));
          const ends = [...cuts.map((cut) => cut % (body.length + 1)), body.length];
          ends.sort((a, b) => a - b);
          const chunks = ends.map((end, index) =>
            body.subarray(index === 0 ? 0 : ends[index - 1], end),
          );
          expect(count(chunks)).toBe(rows.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('counts a quoted line break and a doubled quote as part of their record', () => {
    expect(count([Buffer.from('a,b\n"x\ny","say ""hi"""\nz,1\n')])).toBe(2);
  });

  it('counts nothing in a header, or in nothing at all', () => {
    expect(count([Buffer.from('a,b\n')])).toBe(0);
    expect(count([])).toBe(0);
  });
});
