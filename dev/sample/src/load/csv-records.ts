/** Reads CSV (RFC 4180) strictly: a file that could be read in two ways is refused with its line. */
import { isUtf8 } from 'node:buffer';
import { Failure } from '@user-behaviour/shared/failure';
import { foreignFormat } from '@user-behaviour/shared/foreign-format';

export interface CsvRecord {
  /** The line that it begins on, from 1. */
  readonly line: number;
  /** Without their quotes; a blank field is the empty text, quoted or not. */
  readonly fields: readonly string[];
}

/** A data failure about a place in the file. It holds no value. */
export const wrongLine = (name: string, place: string, why: string): Failure =>
  new Failure('data', `${name}, ${place}: ${why}`, {
    action: 'nothing was loaded; correct the file and seed again',
  });

const lineFeed = 0x0a;
/** In bytes or characters. Nothing that the table takes is as long. */
const longestRecord = 1_048_576;

/**
 * Yields the records of each chunk, the header among them. Empty lines are left out.
 * @throws a data failure for another encoding or format, a NUL byte, and quotes or line ends in wrong places.
 */
export async function* csvRecords(
  name: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly CsvRecord[]> {
  const reader = new RecordReader(name);
  for await (const chunk of chunks) yield reader.take(chunk);
  yield reader.end();
}

class RecordReader {
  readonly #name: string;
  /** The last line, which has no end yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** The lines of a record whose quote is open, and where it began. */
  #open = '';
  #isOpen = false;
  #openLine = 0;
  #line = 0;

  constructor(name: string) {
    this.#name = name;
  }

  take(chunk: Buffer): readonly CsvRecord[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const records: CsvRecord[] = [];
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      this.#takeLine(bytes.subarray(start, end + 1), records);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > longestRecord) throw this.#refuse(this.#line + 1, 'it never ends');
    return records;
  }

  end(): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    if (this.#rest.length > 0) this.#takeLine(this.#rest, records);
    if (this.#isOpen) throw this.#refuse(this.#openLine, 'a quote is never closed');
    return records;
  }

  #takeLine(bytes: Buffer, records: CsvRecord[]): void {
    this.#line += 1;
    if (!this.#isOpen) this.#openLine = this.#line;
    const line = this.#openLine;
    const decoded = this.#decode(bytes);
    this.#open += decoded;
    if (hasOddQuotes(decoded)) this.#isOpen = !this.#isOpen;
    if (this.#isOpen) {
      if (this.#open.length > longestRecord) throw this.#refuse(line, 'a quote is never closed');
      return;
    }
    const text = this.#open.replace(/\r?\n$/, '');
    this.#open = '';
    if (text !== '') records.push({ line, fields: this.#split(text, line) });
  }

  #decode(bytes: Buffer): string {
    const format = this.#line === 1 ? foreignFormat(bytes) : undefined;
    if (format !== undefined) {
      throw new Failure('data', `PURCHASES: ${this.#name} is ${format}`, {
        action: 'nothing was loaded; expected CSV in UTF-8, plain or compressed with gzip',
      });
    }
    if (bytes.includes(0)) {
      throw this.#refuse(this.#line, 'a NUL byte; is it UTF-16? Expected UTF-8');
    }
    if (!isUtf8(bytes)) {
      const convert = 'iconv -f WINDOWS-1252 -t UTF-8';
      throw this.#refuse(this.#line, `the text is not UTF-8; convert it, e.g. by ${convert}`);
    }
    const text = bytes.toString('utf8');
    return this.#line === 1 ? text.replace(/^\uFEFF/, '') : text;
  }

  #split(text: string, line: number): readonly string[] {
    const fields = text.includes('"') ? quotedFields(text) : text.split(',');
    if (fields === undefined) {
      throw this.#refuse(line, 'a quote must begin and end a field, and is doubled within it');
    }
    if (!text.includes('"') && text.includes('\r')) {
      throw this.#refuse(line, 'a carriage return without a line feed');
    }
    return fields;
  }

  #refuse(line: number, why: string): Failure {
    return wrongLine(this.#name, `line ${line}`, why);
  }
}

/** Such a line opens a quoted text that goes on in the next line, or closes it. */
function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

/** Undefined if a quote stands in a wrong place. */
function quotedFields(text: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; ; at += 1) {
    const field = text[at] === '"' ? quotedField(text, at + 1) : bareField(text, at);
    if (field === undefined) return undefined;
    fields.push(field.value);
    at = field.end;
    if (at === text.length) return fields;
    if (text[at] !== ',') return undefined;
  }
}

interface Field {
  readonly value: string;
  /** Where the comma after it is, or the end of the text. */
  readonly end: number;
}

function quotedField(text: string, start: number): Field | undefined {
  let value = '';
  for (let from = start; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    from = quote + 2;
  }
}

function bareField(text: string, start: number): Field | undefined {
  const comma = text.indexOf(',', start);
  const end = comma < 0 ? text.length : comma;
  const value = text.slice(start, end);
  return /["\r]/.test(value) ? undefined : { value, end };
}
