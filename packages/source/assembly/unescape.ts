/** The escapes of COPY's text format (PostgreSQL manual, "COPY"). */

/** The byte that a backslash followed by this letter represents. */
export function unescape(letter: u8): u8 {
  if (letter == 0x62) return 0x08;
  if (letter == 0x66) return 0x0c;
  if (letter == 0x6e) return 0x0a;
  if (letter == 0x72) return 0x0d;
  if (letter == 0x74) return 0x09;
  if (letter == 0x76) return 0x0b;
  return letter;
}
