/** The lines that tell why a program failed. Spark writes a script's traceback to stdout and the JVM's own trouble to stderr. */

/** A message longer than this helps nobody in a reply; the log files hold the rest. */
const MESSAGE_LIMIT = 1000;

const EXCEPTION = /^(?:[\w.$]+\.)?\w*(?:Error|Exception|Exit|Interrupt|Warning)\b(?::|$)/;
const NOISE =
  /^(?:#?\s*$|\s|at |\.\.\.|\d\d\/\d\d\/\d\d .* (?:INFO|WARN) |Setting default log level|To adjust logging)/;
const TELLING = /error|exception|fail|not found|no such|denied|cannot|unable/i;

interface Cause {
  readonly message: string;
  /** Which of the two outputs holds it. */
  readonly output: 'stdout' | 'stderr';
}

/** The last telling lines of both outputs; a traceback in stdout comes first. Undefined when both are empty. */
export function causeOf(stdout: string, stderr: string): Cause | undefined {
  const traceback = tracebackEnd(stdout);
  const complaint = complaintIn(stderr);
  const last = complaintIn(stdout) ?? lastLine(stdout);
  if (traceback !== undefined) {
    return { message: joined(traceback, complaint), output: 'stdout' };
  }
  if (complaint !== undefined) return { message: joined(complaint, last), output: 'stderr' };
  if (last !== undefined) return { message: joined(last, lastLine(stderr)), output: 'stdout' };
  const any = lastLine(stderr);
  return any === undefined ? undefined : { message: joined(any, undefined), output: 'stderr' };
}

/** `ValueError: what it says (script.py, line 12)`, from the last Python traceback. */
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

/** The last line of stderr that names an exception, else the last that sounds like trouble. */
function complaintIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line));
  const plain = lines.map((line) =>
    line.replace(/^(?:Caused by: |Exception in thread "[^"]*" )/, '').trim(),
  );
  return (
    plain.findLast((line) => EXCEPTION.test(line)) ?? plain.findLast((line) => TELLING.test(line))
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
