/**
 * Each exercise: its start is not right, its solution is, and solutions with one fault are not; in a quick run only the
 * first, which needs no Spark.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isQuick } from '@user-behaviour/faults/choice';
import { describe, expect, it } from 'vitest';
import { holds, judgementsOf } from '../src/exercises/exercise.ts';
import { exercises } from '../src/exercises/exercises.ts';
import { gradeOf } from '../src/exercises/report.ts';
import { applySolution } from '../src/solutions.ts';
import { openWorkshop } from '../src/workshop.ts';

const chosen = isQuick ? exercises.slice(0, 1) : exercises;
const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/lesson/exercises.md');

describe.each(chosen)('exercise $number: $title', (exercise) => {
  const { number, services, judge } = exercise;

  it('is not right at its start, as docs/lesson/exercises.md shows', async () => {
    const judgements = await judgementsOf(exercise, root, () => openWorkshop(services));
    expect(judgements.filter((one) => !holds(one))).not.toEqual([]);
    expect(await readFile(page, 'utf8')).toContain(gradeOf(judgements));
  });

  it('is right with its solution', async () => {
    await using workshop = await openWorkshop(services);
    applySolution(number, workshop.folder);
    const judgements = await judge(workshop);
    expect(judgements.length).toBeGreaterThan(0);
    expect(judgements.filter((one) => !holds(one))).toEqual([]);
  });
});

const warehouse = 'sql/warehouse';
/** Solutions with a fault that a learner may well leave in, and what is judged wrong then. */
const faulty = [
  {
    number: 2,
    fault: 'an audit that refuses right days, too',
    file: join(warehouse, 'audit/041_score_within_count.sql'),
    find: 'having max(review_score - review_count) > 0',
    replace: 'having max(review_score) > 0',
    wrong: ['redshift-load --ds=2010-12-01 --through=2010-12-02'],
  },
  {
    number: 2,
    fault: 'an audit of all days',
    file: join(warehouse, 'audit/041_score_within_count.sql'),
    find: 'where insert_date in (/* each day */ cast(:ds as date) /* end */)',
    replace: '',
    wrong: ['the days that are refused'],
  },
  {
    number: 2,
    fault: 'an audit of the sums of a day',
    file: join(warehouse, 'audit/041_score_within_count.sql'),
    find: 'having max(review_score - review_count) > 0',
    replace: 'having sum(review_score) > sum(review_count)',
    wrong: [
      'a load of both, with a score of 2010-12-02 that is too large',
      'the days that are refused',
      'customers with more positive reviews than reviews',
    ],
  },
  {
    number: 3,
    fault: 'a division of integers',
    file: join(warehouse, 'load/050_insert_days.sql'),
    find: 'cast(review_day.review_score as decimal(18, 4))',
    replace: 'review_day.review_score',
    wrong: ['customers of 2010-12-01 with the right share'],
  },
  {
    number: 5,
    fault: 'an inner join, which loses customers without ratings, so that an audit fails',
    file: join(warehouse, 'load/050_insert_days.sql'),
    find: 'left join rating_day',
    replace: 'inner join rating_day',
    wrong: ['redshift-load'],
  },
  {
    number: 5,
    fault: 'an average of two numbers, whatever their count',
    file: join(warehouse, 'load/033_fill_rating_day.sql'),
    find: 'sum(staged.ratings) / sum(staged.rating_rows)',
    replace: 'sum(staged.ratings) / 2',
    wrong: ['customers of 2010-12-02 with ratings, and their averages'],
  },
  {
    number: 8,
    fault: 'the oldest run instead of the newest',
    file: 'is-in.sh',
    find: '.runs.map(',
    replace: '.runs.reverse().map(',
    wrong: ['2010-12-05'],
  },
  {
    number: 8,
    fault: 'the job that failed last',
    file: 'is-in.sh',
    find: '.find(',
    replace: '.findLast(',
    wrong: ['2010-12-03', '2010-12-05'],
  },
  {
    number: 8,
    fault: 'only loaded days are in',
    file: 'is-in.sh',
    find: '"partial", "stale", "other SQL"',
    replace: '"partial", "stale"',
    wrong: ['2010-12-01'],
  },
];

describe.each(
  chosen.flatMap(({ number, services, judge }) =>
    faulty.filter((one) => one.number === number).map((one) => ({ ...one, services, judge })),
  ),
)('exercise $number with $fault', ({ number, file, find, replace, wrong, services, judge }) => {
  it('is judged wrong', async () => {
    const judgements = await judgementsOf({ judge }, root, async () => {
      const workshop = await openWorkshop(services);
      applySolution(number, workshop.folder);
      const path = join(workshop.folder, file);
      const text = await readFile(path, 'utf8');
      expect(text.split(find)).toHaveLength(2);
      await writeFile(path, text.replace(find, replace));
      return workshop;
    });
    expect(judgements.filter((one) => !holds(one)).map(({ what }) => what)).toEqual(wrong);
  });
});

describe.each(
  chosen.flatMap(({ number, services, start }) => (start ? [{ number, services, start }] : [])),
)('the start of exercise $number', ({ services, start }) => {
  it('shows each job that failed, in the output of the monitoring', async () => {
    await using workshop = await openWorkshop(services);
    const files = await start(workshop);
    expect(Object.keys(files)).toEqual(['status.txt', 'health.txt', 'runs.txt', 'page.html']);
    for (const job of ['extract-purchases', 'stage-reviews']) {
      expect(files['runs.txt']).toMatch(new RegExp(`${job}.*failed`));
    }
    expect(files['page.html']).toContain('</html>');
  });
});
