/** Random texts that a column of the source may contain. */
import fc from 'fast-check';

/** Everything that a CSV reader may mishandle, and any other character except NUL, which Postgres rejects. */
const character = fc.oneof(
  fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', '\\', "'", '\t', ' ', '\\.', '\\N', '|', ';'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0'),
);

/** A text of up to `longest` characters, or sometimes null. */
export const anyText = (longest: number): fc.Arbitrary<string | null> =>
  fc.option(
    fc
      .array(character, { maxLength: longest })
      .map((parts) => Array.from(parts.join('')).slice(0, longest).join('')),
    { freq: 8 },
  );
