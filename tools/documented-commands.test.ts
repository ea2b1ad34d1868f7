import { describe, expect, it } from 'vitest';
import { documentedBlocks, documentedCommands, missingLines } from './test/documented-commands.ts';

describe('the commands of the lesson', () => {
  const blocks = documentedBlocks('docs/lesson/waiting.md', 'docs/lesson/spark.md');

  it('are those of its blocks, without comments', () => {
    const commands = documentedCommands('docs/lesson/waiting.md');
    expect(commands).toContain('npx nx run redshift-load:run --ds=2010-12-20');
    expect(commands.filter((command) => command.includes('#'))).toEqual([]);
  });

  it('fail where they say so', () => {
    const failing = blocks.flatMap(({ commands }) => commands.filter(({ fails }) => fails));
    expect(failing.map(({ command }) => command)).toEqual([
      'npx nx run redshift-load:run --ds=2010-12-20',
      'MAX_REJECTED_REVIEWS=0 make run DS=2010-12-01',
    ]);
  });

  it('have the lines that they print', () => {
    expect(blocks.flatMap(({ printed }) => printed)).toContain('FAILED (65 data)');
  });
});

describe('missingLines', () => {
  it('finds a line in a longer one, whatever its blanks, with … for anything', () => {
    const output =
      'ds          customers\n2010-12-01         27   16641.22\n4 days: 4 ok in 7.9 s\n';
    expect(missingLines(['2010-12-01  27', '4 days: … ok in … s'], output)).toEqual([]);
  });

  it('names what was not printed', () => {
    expect(missingLines(['2010-12-01  28', 's … days'], '2010-12-01  27\n4 days, 2 s')).toEqual([
      '2010-12-01  28',
      's … days',
    ]);
  });
});
