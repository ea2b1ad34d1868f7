import { createHash } from 'node:crypto';

/** Of this project's runs. It must never change: the same run would get another id. */
const space = Buffer.from('7db16bd1-9e91-468c-96bb-544bcffb1e33'.replaceAll('-', ''), 'hex');

/** The UUID of version 5 (RFC 9562) of a text: the same text always has the same one. */
export function runUuid(text: string): string {
  const bytes = createHash('sha1').update(space).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
