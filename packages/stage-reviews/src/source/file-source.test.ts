import { expect, it } from 'vitest';
import { fileFailure } from './file-source.ts';

it.each([
  ['EIO', 'transient'],
  ['ESTALE', 'transient'],
  ['EBUSY', 'transient'],
  ['ETIMEDOUT', 'transient'],
  ['EMFILE', 'transient'],
  ['ENOTCONN', 'transient'],
  ['EACCES', 'configuration'],
  ['EPERM', 'configuration'],
  ['ELOOP', 'configuration'],
  ['ENAMETOOLONG', 'configuration'],
])('a file that fails by %s is %s', (code, kind) => {
  const error = Object.assign(new Error(code), { code });
  const failure = fileFailure('/mnt/r.csv', 'REVIEWS_SOURCE', error);
  expect(failure).toMatchObject({
    kind,
    message: expect.stringMatching(`^the reviews file /mnt/r.csv .*${code}`) as unknown,
  });
});
