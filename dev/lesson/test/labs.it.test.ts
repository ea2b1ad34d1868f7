/** Each lab gives the figures that docs/lesson/labs.md shows; in a quick run one of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneOrAll } from '@user-behaviour/faults/choice';
import { expect, it } from 'vitest';
import { guardNamed } from '../src/guards.ts';
import { labs } from '../src/labs/labs.ts';
import { reportOf, tableOf } from '../src/labs/report.ts';
import { openWorkshop } from '../src/workshop.ts';

const root = join(import.meta.dirname, '../../..');

it.each(oneOrAll(labs))('$name shows the wrong figures beside the right ones', async (lab) => {
  const documented = await readFile(join(root, 'docs/lesson/labs.md'), 'utf8');
  await using workshop = await openWorkshop(lab.services);
  const finding = await lab.run(workshop);
  expect(documented).toContain(tableOf(finding));
  expect(reportOf(lab, finding)).toContain(tableOf(finding));
  // The guards are back, and the checkout never lost them.
  for (const { file } of lab.guards.map(guardNamed)) {
    expect(await readFile(join(workshop.folder, file), 'utf8')).toBe(
      await readFile(join(root, file), 'utf8'),
    );
  }
});
