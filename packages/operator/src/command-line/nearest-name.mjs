/** Finds what somebody meant to type. JavaScript, because make uses it before a newer Node is installed. */

/**
 * Returns the known name with the fewest changed letters, if at most two of five letters are changed.
 *
 * @param {string} typed
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
export function nearestName(typed, known) {
  const [nearest] = known
    .map((name) => ({ name, changes: changesBetween(typed.toUpperCase(), name.toUpperCase()) }))
    .filter(({ name, changes }) => changes <= Math.max(typed.length, name.length) / 2.5)
    .sort((one, other) => one.changes - other.changes);
  return nearest?.name;
}

/**
 * How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
 *
 * @param {string} one
 * @param {string} other
 * @returns {number}
 */
function changesBetween(one, other) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (/** @type {number} */ row, /** @type {number} */ column) =>
    rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwap ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
