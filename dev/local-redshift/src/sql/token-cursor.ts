/** Reads tokens sequentially, for the parsers of statements that the SQL translator does not support. */
import { isSymbol, isWord, type Token } from './sql-tokens.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

export class TokenCursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** Consumes these words if they come next, all of them or none. */
  accept(...words: readonly string[]): boolean {
    if (!words.every((word, index) => isWord(this.peek(index), word))) return false;
    this.#at += words.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!isSymbol(this.peek(), symbol)) return false;
    this.#at += 1;
    return true;
  }

  /** Consumes these words. @throws WarehouseError if other tokens come next. */
  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) this.fail();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) this.fail();
  }

  /** Consumes a name, quoted or not; Redshift folds both to lower case. */
  name(): string {
    const token = this.peek();
    if (token?.kind !== 'word' && token?.kind !== 'quoted') this.fail();
    this.#at += 1;
    return token.text.toLowerCase();
  }

  string(): string {
    const token = this.peek();
    if (token?.kind !== 'string') this.fail();
    this.#at += 1;
    return token.text;
  }

  integer(): number {
    const token = this.peek();
    if (token?.kind !== 'number' || !/^\d+$/.test(token.text)) this.fail();
    this.#at += 1;
    return Number(token.text);
  }

  end(): void {
    if (!this.atEnd) this.fail();
  }

  fail(): never {
    const token = this.peek();
    throw new WarehouseError(
      token === undefined
        ? 'syntax error at end of input'
        : `syntax error at or near "${token.text}"`,
    );
  }
}
