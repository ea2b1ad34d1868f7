/** Refuses what Redshift refuses, although DuckDB would run it. */
import { isSymbol, isWord, render, type Token } from '../sql/sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { refuseCasts } from './column-types.ts';
import { readsTables, refuseFunctions } from './function-calls.ts';
import { refusedSyntax, type RefusedSyntax } from './refused-syntax.ts';

interface Matcher extends RefusedSyntax {
  readonly fromStart: boolean;
  readonly steps: readonly (readonly string[])[];
}

const matchers: readonly Matcher[] = refusedSyntax.map((refused) => {
  const steps = refused.pattern.split(' ').map((step) => step.split('|'));
  const fromStart = refused.pattern.startsWith('^ ');
  return { ...refused, fromStart, steps: fromStart ? steps.slice(1) : steps };
});

/** @throws WarehouseError with Redshift's message where it is documented. */
export function refuseUnsupported(tokens: readonly Token[]): void {
  // Every statement passes here, so that texts are compared, not tokens.
  const texts = tokens.map(({ kind, text }) =>
    kind === 'word' ? text.toLowerCase() : kind === 'symbol' ? text : '',
  );
  const present = new Set(texts);
  for (const matcher of matchers) {
    if (
      !matcher.steps.every((step) => step.some((one) => present.has(one) || one.startsWith('<')))
    ) {
      continue;
    }
    const last = matcher.fromStart ? 0 : tokens.length - matcher.steps.length;
    for (let at = 0; at <= last; at += 1) {
      if (matches(matcher, tokens, texts, at) && !(matcher.inCatalog && readsCatalog(tokens))) {
        const found = tokens.slice(at, at + matcher.steps.length);
        throw new WarehouseError(message(matcher, found, tokens));
      }
    }
  }
  refuseInternalSchemas(tokens);
  refuseCasts(tokens);
  if (callsFunctions(tokens)) refuseFunctions(tokens);
}

function readsCatalog(tokens: readonly Token[]): boolean {
  return tokens.some((token) => isWord(token, 'from')) && !readsTables(tokens);
}

function callsFunctions([first, second]: readonly Token[]): boolean {
  if (isWord(first, 'create')) return !isWord(second, 'external');
  if (isWord(first, 'alter')) return isWord(second, 'table');
  return (
    isSymbol(first, '(') ||
    isWord(first, 'select', 'with', 'insert', 'update', 'delete', 'merge', 'explain')
  );
}

function matches(
  { steps }: Matcher,
  tokens: readonly Token[],
  texts: readonly string[],
  at: number,
): boolean {
  if (at + steps.length > tokens.length) return false;
  return steps.every((step, index) => {
    const text = texts[at + index] ?? '';
    if (text !== '' && step.includes(text)) return true;
    return step.some(
      (wanted) => wanted.startsWith('<') && isOfKind(tokens[at + index], wanted, text),
    );
  });
}

function isOfKind(token: Token | undefined, wanted: string, text: string): boolean {
  switch (wanted) {
    case '<name>':
      return token?.kind === 'quoted' || (token?.kind === 'word' && !notNames.has(text));
    case '<number>':
      return token?.kind === 'number';
    case '<string>':
      return token?.kind === 'string';
    default:
      return false;
  }
}

/** Keywords that a pattern's `<name>` does not stand for. */
const notNames = new Set(
  (
    'select distinct all as from where and or not by on in when then else case set between like is ' +
    'having group order limit into values insert update delete using union with over rows range'
  ).split(' '),
);

function message(matcher: Matcher, found: readonly Token[], tokens: readonly Token[]): string {
  if (matcher.error !== undefined) {
    return matcher.error.replace('{command}', () => render(tokens).trim());
  }
  const near =
    matcher.near === undefined
      ? found.at(-1)
      : found.find(({ text }) => text.toLowerCase() === matcher.near);
  return `syntax error at or near "${near?.text ?? ''}"`;
}

/** The schemas in which the endpoint keeps its own state and functions. */
const internal = ['warehouse', 'main', 'memory', 'system'];
const internalTable = /^(duckdb|sqlite|pragma|rs_external)_/;

function refuseInternalSchemas(tokens: readonly Token[]): void {
  const inDefinition = isWord(tokens[0], 'create', 'alter', 'drop') && isWord(tokens[1], 'schema');
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const name = token.text.toLowerCase();
    if (internal.includes(name) && (inDefinition || isSchema(tokens, index))) {
      throw new WarehouseError(`schema "${name}" does not exist`);
    }
    const isTable = isWord(tokens[index - 1], 'from', 'join') || isSymbol(tokens[index - 1], ',');
    if (isTable && (internalTable.test(name) || /[/\\]/.test(name))) {
      throw new WarehouseError(`relation "${token.text}" does not exist`);
    }
  }
}

/** Whether a name with a dot after it is a schema. A table or an alias stands elsewhere without the dot. */
function isSchema(tokens: readonly Token[], index: number): boolean {
  if (!isSymbol(tokens[index + 1], '.')) return false;
  const name = tokens[index]?.text.toLowerCase();
  return !tokens.some(
    (token, at) =>
      (token.kind === 'word' || token.kind === 'quoted') &&
      token.text.toLowerCase() === name &&
      !isSymbol(tokens[at + 1], '.'),
  );
}
