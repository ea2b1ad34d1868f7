/** The values that a client binds to `$1`, `$2`, … as literals of the statement. */
import { oids } from './column-types.ts';
import { numericText } from './numeric-format.ts';
import { tokenize, type Token } from '../../sql/sql-tokens.ts';
import { WarehouseError } from '../../warehouse/warehouse-error.ts';

/** The names of the types that a literal must have, because text would be compared as text. */
const typeNames: Readonly<Record<number, string>> = {
  [oids.bool]: 'boolean',
  [oids.int2]: 'smallint',
  [oids.int4]: 'integer',
  [oids.int8]: 'bigint',
  [oids.float4]: 'real',
  [oids.float8]: 'double precision',
  [oids.numeric]: 'numeric(38, 10)',
  [oids.text]: 'varchar',
  [oids.varchar]: 'varchar',
  [oids.bpchar]: 'varchar',
  [oids.date]: 'date',
  [oids.time]: 'time',
  [oids.timestamp]: 'timestamp',
  [oids.timestamptz]: 'timestamptz',
};

/** The type of a parameter, unless the client has left it open. */
export function knownType(oid: number | undefined, otherwise: number): number {
  return oid === undefined || oid === 0 || oid === oids.unknown ? otherwise : oid;
}

const plainNumber = /^([+-]?)(\d+\.?\d*|\.\d+)$/;
const asText: readonly number[] = [0, oids.unknown, oids.text, oids.varchar, oids.bpchar];
const asNumber: readonly number[] = [oids.int2, oids.int4, oids.int8, oids.numeric];

/** The statement with a literal for each placeholder. @throws WarehouseError if a value is missing. */
export function fillPlaceholders(
  statement: readonly Token[],
  value: (number: number) => readonly Token[] | undefined,
): Token[] {
  return statement.flatMap((token) => {
    if (token.kind !== 'placeholder') return [token];
    const tokens = value(Number(token.text));
    if (tokens === undefined) throw new WarehouseError(`there is no parameter $${token.text}`);
    return tokens.map((part, index) => (index === 0 ? { ...part, gap: true } : part));
  });
}

/** The literal of a value; the type of text follows from the context, as in PostgreSQL. */
export function literal(number: number, text: string | null, oid: number): Token[] {
  if (text === null) return tokenize('null');
  const string: Token = { kind: 'string', text, gap: true, parameter: `bound_${number}` };
  if (asText.includes(oid)) return [string];
  const [, sign = '', digits] = plainNumber.exec(text) ?? [];
  if (asNumber.includes(oid) && digits !== undefined)
    return tokenize(sign === '-' ? `(-${digits})` : digits);
  const type = typeNames[oid];
  if (type === undefined) return [string];
  return [...tokenize('cast('), string, ...tokenize(` as ${type})`)];
}

/** A null of the type, to find the columns of a statement before its values are known. */
export function typedNull(oid: number): Token[] {
  const type = typeNames[oid];
  return tokenize(type === undefined ? 'null' : `cast(null as ${type})`);
}

/** A bound value as text. @throws WarehouseError for a binary value of a type without a known format. */
export function readValue(bytes: Buffer | null, oid: number, binary: boolean): string | null {
  if (bytes === null) return null;
  if (!binary || asText.includes(oid)) return bytes.toString();
  switch (oid) {
    case oids.bool:
      return bytes.readInt8() === 0 ? 'false' : 'true';
    case oids.int2:
      return String(bytes.readInt16BE());
    case oids.int4:
      return String(bytes.readInt32BE());
    case oids.int8:
      return String(bytes.readBigInt64BE());
    case oids.float4:
      return String(bytes.readFloatBE());
    case oids.float8:
      return String(bytes.readDoubleBE());
    case oids.numeric:
      return numericText(bytes);
    case oids.date:
      return new Date(epoch + bytes.readInt32BE() * 86_400_000).toISOString().slice(0, 10);
    case oids.timestamp:
    case oids.timestamptz:
      return timestampText(bytes.readBigInt64BE());
    default:
      throw new WarehouseError(`binary parameters of type ${oid} are not supported`);
  }
}

const epoch = Date.UTC(2000, 0, 1);

function timestampText(micros: bigint): string {
  const inSecond = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(epoch + Number((micros - inSecond) / 1000n)).toISOString().slice(0, 19);
  return `${seconds.replace('T', ' ')}.${String(inSecond).padStart(6, '0')}`;
}
