/** Texts that a column of the source may hold. */
import fc from 'fast-check';

/** Everything that a CSV reader may stumble over, and any other character but NUL, which Postgres refuses. */
const character = fc.oneof(
  fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', '\\', "'", '\t', ' ', '\\.', '\\N', '|', ';'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((one) => one !== '\0'),
);

/** Up to so many characters, now and then none, or null. */
export const anyText = (longest: number): fc.Arbitrary<string | null> =>
  fc.option(
    fc
      .array(character, { maxLength: longest })
      .map((parts) => Array.from(parts.join('')).slice(0, longest).join('')),
    { freq: 8 },
  );
