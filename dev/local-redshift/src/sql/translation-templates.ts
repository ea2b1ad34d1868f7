/** Caches translations by text, so that a statement with other parameter values is not translated again. */
import { render, type Token } from './sql-tokens.ts';
import { translate, type Translation } from './translate.ts';
import type { FindExternalTable } from '../external/external-references.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/** More than a workload needs. Limits the memory if a caller writes values into the SQL text. */
const templateLimit = 500;

/** Values that the translator or a placeholder might change. */
const special = /['\\]|rs-literal-|rs-value-/;

export class TranslationTemplates {
  readonly #templates = new Map<string, Translation | 'depends on the values'>();

  /** Must be called when the external tables have changed. */
  clear(): void {
    this.#templates.clear();
  }

  /** Like `translate`. The tokens of parameters have `parameter` set. */
  translate(tokens: readonly Token[], find: FindExternalTable): Translation {
    const values = new Map(
      tokens.flatMap(({ parameter, text }) => (parameter === undefined ? [] : [[parameter, text]])),
    );
    if ([...values.values()].some((value) => special.test(value))) return translate(tokens, find);
    const open = tokens.map((token) =>
      token.parameter === undefined ? token : { ...token, text: marker(token.parameter) },
    );
    const key = render(open);
    const known = this.#templates.get(key);
    if (known !== undefined && known !== 'depends on the values') return fill(known, values);
    const translation = translate(tokens, find);
    if (known === undefined) {
      if (this.#templates.size === templateLimit) this.#templates.clear();
      this.#templates.set(key, template(open, values, translation, find));
    }
    return translation;
  }
}

const marker = (parameter: string): string => `rs-value-${parameter}-`;

/** The translation with placeholders for values, if filling them in yields the given translation. */
function template(
  open: readonly Token[],
  values: ReadonlyMap<string, string>,
  translation: Translation,
  find: FindExternalTable,
): Translation | 'depends on the values' {
  try {
    const found = translate(open, find);
    const same = JSON.stringify(fill(found, values)) === JSON.stringify(translation);
    if (same) return found;
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
  }
  return 'depends on the values';
}

function fill(
  { sql, untypedSql, scans }: Translation,
  values: ReadonlyMap<string, string>,
): Translation {
  const filled = (text: string): string =>
    text.replaceAll(/rs-value-(\w+)-/g, (whole, name: string) => values.get(name) ?? whole);
  return {
    sql: filled(sql),
    untypedSql: filled(untypedSql),
    scans: scans.map((scan) => ({
      ...scan,
      conditions: scan.conditions.map((condition) => ({
        ...condition,
        values: condition.values.map(filled),
      })),
    })),
  };
}
