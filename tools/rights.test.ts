/** The rights of the jobs as documented: docs/contract.md has the table of infra/rights, which has every job. */
import { roles } from '@user-behaviour/rights/policy';
import { withTable } from '@user-behaviour/rights/table';
import { jobs } from '@user-behaviour/shared/pipeline';
import { expect, it } from 'vitest';
import { text } from './workspace-files.ts';

it('docs/contract.md has the current rights: npx nx run rights:docs writes them', () => {
  const contract = text('docs/contract.md');
  expect(withTable(contract)).toBe(contract);
});

it('every job has a role in infra/rights', () => {
  expect(Object.keys(roles)).toEqual(expect.arrayContaining([...jobs]));
});

it('a table that was changed by hand would be found, and a document without its marks', () => {
  const contract = text('docs/contract.md');
  expect(withTable(contract.replace('`scripts/*`', '`*`'))).toBe(contract);
  expect(() => withTable('# Contract\n')).toThrow('lacks the lines');
});
