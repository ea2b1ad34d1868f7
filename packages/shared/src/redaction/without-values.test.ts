import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutValues } from './without-values.ts';

/** Texts of PostgreSQL, Redshift and Spark around a value of a row, here `@`. */
const texts = [
  'Key (customerid)=(@) already exists.',
  'duplicate key value violates unique constraint "purchase_pkey"\nDETAIL:  Key (invoice_number, customer_id)=(@, 17850) already exists.',
  'ERROR: duplicate key: (customerid)=(@)',
  'Failing row contains (536365, @, null, 2010-12-01 08:26:00).',
  'Partition key of the failing row contains (country) = (@).',
  'Key (customer_id)=(@) is not present in table "customer".',
  'invalid input syntax for type integer: "@"',
  'value "@" is out of range for type integer',
  'value "@" is out of range for type numeric(8,3)',
  'date/time field value out of range: "@"',
  'malformed array literal: "@"',
  'Token "@" is invalid.',
  'JSON data, line 1: @',
  'COPY user_purchase, line 3, column quantity: "@"',
  'COPY user_purchase, line 3: "536365,@,WHITE HANGING HEART"',
  'ungültige Eingabesyntax für Typ integer: „@“',
  'syntaxe en entrée invalide pour le type integer : « @ »',
  "ERROR: Invalid digit, Value 'x', Pos 0, Type: Integer\n  Detail:\n  -----\n  error:  Invalid digit, Value 'x', Pos 0, Type: Integer\n  code:      1207\n  context:   @\n  query:     123\n  location:  data_types.cpp:42\n  process:   query0_1_2 [pid=99]",
  'ERROR: Overflow, code: 1058 context: @ query: 5',
  'ERROR: Overflow, code: 1058 context: @',
  'ERROR: 1207 DETAIL: Cannot convert value: @',
  "Conversion Error: Could not convert string '@' to INT32",
  'ERROR: invalid value "@" for "DD"',
  'Key (country)=(ab:@) already exists.',
  'Malformed records are detected in record parsing: [17850,@,null]. Parse Mode: FAILFAST.',
  'Malformed record [17850,@,null]',
  'ERROR: row "x" cannot be read: [17850,@,null]',
  '[CAST_INVALID_INPUT] The value \'@\' of the type "STRING" cannot be cast to "INT"',
];

/** A value of any characters around a mark: `M4rk3d` with digits, `Marked` without. */
const values = fc
  .tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom('M4rk3d', 'Marked'), fc.string())
  .map((parts) => parts.join(''));
/** What the texts are made of, so that values look like parts of them. */
const nasty = fc
  .array(
    fc.constantFrom(
      ...`" ' ( ) « » „ “ Marked M4rk3d \n context: query: 12 , = relation "Marked" (Marked)= numeric(8,3) Value 'x', Pos 0 it's`.split(
        ' ',
      ),
      ' ',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(' '));

describe('a text of a server', () => {
  it.each(texts)('has no value of a row: %s', (text) => {
    fc.assert(
      fc.property(fc.oneof(values, nasty), (value) => {
        expect(withoutValues(text.replace('@', () => value))).not.toMatch(/M[a4]rk[e3]d/);
      }),
      { numRuns: 300 },
    );
  });

  it('that was cut off has no part of a value', () => {
    const cut = fc.constantFrom('invalid input syntax: "@', 'ERROR: row contains (@', '„@', 'x “@');
    const value = fc.stringMatching(/^[^"'“”„`()«»‘’]*M[4a]rk[3e]d[^"'“”„`()«»‘’]*$/);
    fc.assert(
      fc.property(cut, value, (text, row) => {
        expect(withoutValues(text.replace('@', () => row))).not.toMatch(/M[a4]rk[e3]d/);
      }),
    );
  });

  it.each([
    'Key (country)=(ab:Zebra) already exists.',
    'Key (country)=(s3:Zebra) already exists.',
    'Key (country) = (Zebra) = (x) already exists.',
    'Key (detail)=(Service: Zebra Street) already exists.',
    'Failing row contains (Zebra.py:12).',
    'Failing row contains (Fetch).',
    'bad row (s3:Zebra)',
    'no such place (ab:Zebra)',
    'no such place (Service: Zebra Street)',
    'Duplicate stock code 85123A',
    'order # 536365',
    'bad date in column 12/1/2010',
    'code: 123456',
    'version 85123A of relation 85123A at line 85123A',
  ])('takes no value for its own words: %s', (text) => {
    expect(withoutValues(text)).not.toMatch(/Zebra|Fetch|85123A|536365|2010|123456/);
  });

  it('that is very long is cut before a value is looked for', () => {
    const word = 'x'.repeat(200_000);
    const shown = withoutValues(`could not read ${word}`);
    expect(shown).toHaveLength(4_000);
    expect(shown.endsWith('x…')).toBe(true);
    expect(withoutValues(`row (a (b) Marked ${word} (c) Marked)`)).toBe('row (…)');
  });

  it('has no number of a row, wherever it stands', () => {
    const number = fc.oneof(fc.integer({ min: 10_000 }).map(String), fc.constant('17850x'));
    const words = fc.constantFrom(
      'customer @ is unknown',
      '@: no such customer',
      'bad customer=@',
      'invalid byte sequence for encoding "UTF8": 0x@',
      'amount -@.5 in 2010-12-01T@',
      'ERROR: @ is too large',
    );
    fc.assert(
      fc.property(number, words, (value, text) => {
        expect(withoutValues(text.replaceAll('@', value))).not.toContain(value);
      }),
    );
  });

  it.each([
    ['Key (customerid)=(17850) already exists.', 'Key (customerid)=(…) already exists.'],
    [
      'duplicate key value violates unique constraint "purchase_pkey"',
      'duplicate key value violates unique constraint "purchase_pkey"',
    ],
    [
      'value "17850x" is out of range for type numeric(8,3)',
      'value "…" is out of range for type numeric(8,3)',
    ],
    [
      "ERROR: Invalid digit, Value 'x', Pos 0, Type: Integer",
      "ERROR: Invalid digit, Value '…', Pos 0, Type: Integer",
    ],
    [
      'COPY user_purchase, line 3, column quantity: "17850x"',
      'COPY user_purchase, line 3, column quantity: "…"',
    ],
    [
      'ERROR: Overflow, code: 1058 context: 99 query: 5',
      'ERROR: Overflow, code: 1058 context: … query: 5',
    ],
    ['Failing row contains (1, (x), null).', 'Failing row contains (…).'],
    ['The pod of customer 17850 was not found.', 'The pod of customer … was not found.'],
  ])('keeps the words around a value: %s', (text, expected) => {
    expect(withoutValues(text)).toBe(expected);
  });

  it.each([
    'column "minimum" of relation "user_behavior_metric" does not exist',
    'relation "retail.user_purchase" does not exist',
    'permission denied for table user_purchase',
    'null value in column "quantity" of relation "user_purchase" violates not-null constraint',
    'password authentication failed for user "reader"',
    'no pg_hba.conf entry for host "10.0.0.1", user "reader", database "shop", SSL off',
    "canceling statement due to user's request",
    'could not serialize access due to concurrent update',
    'no more connections allowed (max_client_conn)',
    'value too long for type character varying(20)',
    'function sum(boolean) does not exist',
    'ERROR: 1023\n  Detail: Serializable isolation violation on table in Redshift',
    'ERROR: deadlock detected\n  Detail: Process 1 waits for AccessExclusiveLock on relation 2 of database 3',
    'ERROR: Spectrum Scan Error code: 15001 context: HTTP response error code: 416 Message: InvalidRange',
    'S3 Query Exception (Fetch) code: 15001 context: Task failed due to an internal error. File s3://b/user_purchase/stage/2010-12-01/r1/x.csv is gone query: 12',
    'Spectrum Scan Error. Detail: Access Denied (Service: Amazon S3; Status Code: 403)',
    'Spectrum Scan Error. Detail: Access Denied (Service: S3, Status Code: 403, Request ID: ABC)',
    'SparkNumberFormatException: [CAST_INVALID_INPUT] Cannot be cast',
    'Lost task 0.3 in stage 3.0, which failed 4 times',
    'Relation with OID 123456 is gone; SQLSTATE: 22P02; exit code -100; retried within 2.5s',
    'is not authorized (sts:AssumeRole)',
    'ERROR: Disk Full\n  Detail: error: Disk Full code: 1016 context: node: 0',
    "ERROR: Query (1) cancelled on user's request",
    'Numeric data overflow (result precision)',
    'Application application_1690_0001 finished with failed status',
    'User application exited with 65',
    'ValueError: no luck (script.py, line 12)',
  ])('that holds none stays as it is: %s', (text) => {
    expect(withoutValues(text)).toBe(text);
  });

  it('keeps numbers and names that the statement itself has', () => {
    const sql = "select price_2 from t where quantity > 250 and ds = '2010-12-01'";
    const text = '250 of 2010-12-01: price_2 is 17850';
    expect(withoutValues(text, sql)).toBe('250 of 2010-12-01: price_2 is …');
    const near = (word: string) => `syntax error at or near "${word}"`;
    expect(withoutValues(near('quantity'), sql)).toBe(near('quantity'));
    expect(withoutValues(near('secret'), sql)).toBe(near('…'));
    expect(withoutValues(near('quantity'))).toBe(near('…'));
  });

  it('is redacted once: a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), values, (text, value) => {
        const once = withoutValues(text.replace('@', () => value));
        expect(withoutValues(once)).toBe(once);
      }),
    );
  });
});
