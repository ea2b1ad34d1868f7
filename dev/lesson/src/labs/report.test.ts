import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guardNamed } from '../guards.ts';
import { labs } from './labs.ts';
import { listOfLabs, reportOf, takenOut } from './report.ts';

const [lab] = labs;
if (lab === undefined) throw new Error('there are no labs');

describe('a lab', () => {
  it.each(labs)('$name: its guards are those of the mutation run', ({ guards }) => {
    expect(guards.length).toBeGreaterThan(0);
    expect(guards.map((guard) => guardNamed(guard).guard)).toEqual(guards);
  });

  it.each(labs)('$name: docs/lesson/labs.md shows what it takes out', ({ guards }) => {
    const page = join(import.meta.dirname, '../../../../docs/lesson/labs.md');
    expect(readFileSync(page, 'utf8')).toContain(guards.flatMap(takenOut).join('\n'));
  });

  it('has a line in the list and a unique name', () => {
    const names = labs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(
      listOfLabs()
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(names);
  });

  it('names a guard that tools/mutation does not know', () => {
    expect(() => guardNamed('no such guard')).toThrow('tools/mutation/guards has no guard');
  });
});

describe('the report of a lab', () => {
  const figures = [{ what: 'rows', right: '27', wrong: '54' }];

  it('has what was taken out, the figures side by side, and the remarks', () => {
    const text = reportOf(lab, { figures, remarks: ['Both read the same files.'] });
    expect(text).toContain(`taken out: ${String(lab.guards[0])}`);
    expect(text).toMatch(/^ +right {2}without the guard$/m);
    expect(text).toMatch(/^rows +27 +54$/m);
    expect(text).toContain('Both read the same files.');
  });

  it('is refused if the figures do not differ', () => {
    const same = [{ what: 'rows', right: '27', wrong: '27' }];
    expect(() => reportOf(lab, { figures: same, remarks: [] })).toThrow(
      `lab ${lab.name}: the figures are the same with and without the guard`,
    );
  });
});
