/** s3-dist-cp's patterns: Java regular expressions that must match the whole path (EMRRG/UsingEMR_s3distcp). */

/** Java syntax that has another meaning in JavaScript: quoting, anchors, classes, possessive quantifiers. */
const JAVA_ONLY =
  /\\[QEAzZGhHRX]|\\p\{(?:Alpha|Alnum|Digit|Lower|Upper|Punct|Space|java)|[*+?}]\+|&&/;

/** @throws on an invalid pattern and on one that has another meaning in Java. */
export function pathPattern(option: string, pattern: string): RegExp {
  const javaOnly = JAVA_ONLY.exec(pattern);
  if (javaOnly !== null) {
    throw new Error(
      `${option} '${pattern}' uses '${javaOnly[0]}', which the local cloud does not support`,
    );
  }
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  const body = flags === null ? pattern : pattern.slice(flags[0].length);
  try {
    return new RegExp(`^(?:${body})$`, flags?.[1]);
  } catch (error) {
    throw new Error(`${option} '${pattern}' is not a regular expression`, { cause: error });
  }
}

/** A pattern with at least one group in parentheses. @throws like pathPattern, and without a group. */
export function groupPattern(option: string, pattern: string): RegExp {
  const whole = pathPattern(option, pattern);
  const groups = (new RegExp(`${whole.source}|`).exec('')?.length ?? 1) - 1;
  if (groups === 0) throw new Error(`${option} '${pattern}' has no group in parentheses`);
  return whole;
}
