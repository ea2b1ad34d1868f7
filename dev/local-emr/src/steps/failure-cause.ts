/** Finds the lines that explain why a program failed. Spark writes a script's traceback to stdout and the JVM's errors to stderr. */

/** The longest useful message in a reply; the log files contain everything. */
const MESSAGE_LIMIT = 1000;

const EXCEPTION = /^(?:[\w.$]+\.)?\w*(?:Error|Exception|Exit|Interrupt|Warning)\b(?::|$)/;
const NOISE =
  /^(?:#?\s*$|\s|at |\.\.\.|\d\d\/\d\d\/\d\d .* (?:INFO|WARN) |Setting default log level|To adjust logging)/;
const ERROR_WORDS = /error|exception|fail|not found|no such|denied|cannot|unable/i;

interface Cause {
  readonly message: string;
  /** The output that contains it. */
  readonly output: 'stdout' | 'stderr';
}

/** The last error lines of both outputs; a traceback in stdout comes first. Undefined if both are empty. */
export function findCause(stdout: string, stderr: string): Cause | undefined {
  const traceback = tracebackEnd(stdout);
  const error = errorLine(stderr);
  const last = errorLine(stdout) ?? lastLine(stdout);
  if (traceback !== undefined) {
    return { message: joined(traceback, error), output: 'stdout' };
  }
  if (error !== undefined) return { message: joined(error, last), output: 'stderr' };
  if (last !== undefined) return { message: joined(last, lastLine(stderr)), output: 'stdout' };
  const any = lastLine(stderr);
  return any === undefined ? undefined : { message: joined(any, undefined), output: 'stderr' };
}

/** `ValueError: its message (script.py, line 12)`, from the last Python traceback. */
function tracebackEnd(output: string): string | undefined {
  const start = output.lastIndexOf('Traceback (most recent call last):');
  if (start === -1) return undefined;
  const lines = output.slice(start).split('\n').slice(1);
  const index = lines.findIndex((line) => line !== '' && !line.startsWith(' '));
  const error = lines[index];
  if (error === undefined) return undefined;
  const frames = lines.slice(0, index).map((line) => /^ {2}File "([^"]+)", line (\d+)/.exec(line));
  const frame = frames.findLast((match) => match !== null);
  const place = frame == null ? '' : ` (${fileName(frame[1] ?? '')}, line ${frame[2] ?? ''})`;
  return `${error.trimEnd()}${place}`;
}

/** The last line that names an exception, else the last line with an error word. */
function errorLine(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line));
  const plain = lines.map((line) =>
    line.replace(/^(?:Caused by: |Exception in thread "[^"]*" )/, '').trim(),
  );
  return (
    plain.findLast((line) => EXCEPTION.test(line)) ??
    plain.findLast((line) => ERROR_WORDS.test(line))
  );
}

const lastLine = (output: string): string | undefined =>
  output
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim();

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function joined(first: string, second: string | undefined): string {
  const text = second === undefined || first.includes(second) ? first : `${first} | ${second}`;
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}
