/** What the operator may do where a scheduler starts it. */
import { changes, decrypt, keys, list, type Role, rules, tasks, warehouse } from './grants.ts';

const health: Role = {
  holder: 'health, by a scheduler',
  trust: tasks,
  grants: [
    list,
    {
      sid: 'ReadManifests',
      actions: ['s3:GetObject'],
      on: keys(
        'user_purchase/stage/*/_manifest.json',
        'movie_review/load/*/_manifest.json',
        'movie_review/stage/*/_manifest.json',
      ),
    },
    changes,
    decrypt,
    {
      sid: 'ReadRunRecords',
      actions: ['s3:GetObject'],
      on: keys('runs/*'),
      note: 'for failed runs; without, it only warns',
    },
    ...rules,
    ...warehouse(['ExecuteStatement'], ['DescribeStatement', 'GetStatementResult']),
  ],
};

export const operator = { health };
