/** The table properties for values that do not fit their columns (r_CREATE_EXTERNAL_TABLE, t_setting-data-handling-options). */
import { WarehouseError } from '../../warehouse/warehouse-error.ts';

const actions = {
  column_count_mismatch_handling: ['DISABLED', 'FAIL', 'SET_TO_NULL', 'DROP_ROW'],
  invalid_char_handling: ['DISABLED', 'FAIL', 'SET_TO_NULL', 'DROP_ROW', 'REPLACE'],
  numeric_overflow_handling: ['DISABLED', 'FAIL', 'SET_TO_NULL', 'DROP_ROW'],
  surplus_char_handling: ['DISABLED', 'FAIL', 'SET_TO_NULL', 'DROP_ROW', 'TRUNCATE'],
} as const;

type Actions = typeof actions;

/** What a table says; an action is undefined if the table leaves it to Spectrum. */
export interface DataHandling {
  readonly columnCount: Actions['column_count_mismatch_handling'][number] | undefined;
  readonly invalidChar: Actions['invalid_char_handling'][number] | undefined;
  readonly numericOverflow: Actions['numeric_overflow_handling'][number] | undefined;
  readonly surplusChar: Actions['surplus_char_handling'][number] | undefined;
  readonly replacement: string;
}

const compressions = ['bzip2', 'gzip', 'none', 'snappy'] as const;

type Properties = Readonly<Record<string, string>>;

/** The actions count only with `'data_cleansing_enabled'='true'`. @throws WarehouseError for an unknown value. */
export function dataHandling(properties: Properties): DataHandling {
  const enabled = oneOf(properties, 'data_cleansing_enabled', ['true', 'false']) === 'true';
  const action = <Name extends keyof Actions>(name: Name): Actions[Name][number] | undefined => {
    const value = oneOf<Actions[Name][number]>(properties, name, actions[name]);
    return enabled ? value : undefined;
  };
  return {
    columnCount: action('column_count_mismatch_handling'),
    invalidChar: action('invalid_char_handling'),
    numericOverflow: action('numeric_overflow_handling'),
    surplusChar: action('surplus_char_handling'),
    replacement: properties['replacement_char'] ?? '?',
  };
}

/** The compression that the table declares for all its files, whatever their names. @throws WarehouseError for an unknown one. */
export function declaredCompression(
  properties: Properties,
): (typeof compressions)[number] | undefined {
  return oneOf(properties, 'compression_type', compressions);
}

function oneOf<Value extends string>(
  properties: Properties,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const value = properties[name];
  const known = allowed.find((one) => one === value);
  if (value !== undefined && known === undefined) {
    throw new WarehouseError(
      `invalid value for ${name}: "${value}", expected ${allowed.join(', ')}`,
    );
  }
  return known;
}
