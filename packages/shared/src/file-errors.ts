/** Errors of local files, by Node's codes. */
import type { FailureKindName } from './failure.ts';

/** About the path or the rights on it. Others are trouble of the disk or mount, such as EIO, ESTALE, EBUSY. */
const wrongPath = new Set([
  'EACCES',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
]);

export const fileErrorKind = (
  code: string,
): Extract<FailureKindName, 'configuration' | 'transient'> =>
  wrongPath.has(code) ? 'configuration' : 'transient';
