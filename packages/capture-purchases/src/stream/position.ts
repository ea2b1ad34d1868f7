/** A place in PostgreSQL's log (LSN), as a number and as PostgreSQL writes it. */

export function parsePosition(text: string): bigint {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export const formatPosition = (position: bigint): string =>
  [position >> 32n, position & 0xff_ff_ff_ffn]
    .map((half) => half.toString(16).toUpperCase())
    .join('/');
