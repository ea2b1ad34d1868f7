/** What capture-purchases may do. It writes its pointer, and reads what has been published of a day. */
import {
  encrypt,
  keys,
  list,
  type Role,
  rules,
  runRecords,
  sourceSecret,
  tasks,
} from './grants.ts';

export const capturePurchases: Role = {
  holder: 'capture-purchases',
  trust: tasks,
  grants: [
    list,
    {
      sid: 'WriteChanges',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      on: keys('user_purchase/changes/*'),
    },
    {
      sid: 'ReadManifests',
      actions: ['s3:GetObject'],
      on: keys('user_purchase/stage/*/_manifest.json'),
    },
    runRecords('capture-purchases'),
    encrypt,
    ...rules,
    sourceSecret,
  ],
};
