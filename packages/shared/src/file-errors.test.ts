import { expect, it } from 'vitest';
import { fileErrorKind } from './file-errors.ts';

it.each(['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])(
  '%s is about the path',
  (code) => {
    expect(fileErrorKind(code)).toBe('configuration');
  },
);

it.each(['EIO', 'ESTALE', 'EBUSY', 'ETIMEDOUT', 'EMFILE', 'ENOTCONN', 'EHOSTDOWN', 'EAGAIN'])(
  '%s of a disk or mount passes',
  (code) => {
    expect(fileErrorKind(code)).toBe('transient');
  },
);
