/** The JSONata of the daily run. Step Functions evaluates what stands between `{%` and `%}`. */
import type { JobName } from '@user-behaviour/shared/pipeline';
import {
  doneExits,
  finalExits,
  retries,
  retryDelay,
  severity,
  waitingTries,
} from './retry-policy.ts';

const expression = (text: string): string => `{% ${text.trim().replaceAll(/\s*\n\s*/g, ' ')} %}`;
const list = (codes: readonly number[]): string => `[${codes.join(', ')}]`;

/** Parts of a range that one execution may have: its history ends at 25,000 events. */
export const mostParts = 100;

/**
 * Whether the input names days: `ds`, `from` and `to`, or the day before `scheduledTime`; with `offset` 0, its own day.
 */
export const isInputGood = expression(`(
  $in := $states.input;
  $isDay := function($text) { $type($text) = 'string' ? $contains($text, /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/) : false };
  $isDay($in.ds) ? $not($exists($in.from) or $exists($in.to))
  : $isDay($in.from) ? $isDay($in.to)
  : $not($exists($in.ds) or $exists($in.from) or $exists($in.to)) and $exists($in.scheduledTime)
    and ($exists($in.offset) ? $in.offset in [0, 1] : true)
)`);

/**
 * `{ days }`, one item for each part of the range: `day` is the input of the jobs, `outcomes` are empty, `tries` is 0. A part has `together` days (1). The run is the execution's name, where it is a run ID, with the number of
 * the part.
 */
export const daysOfInput = expression(`(
  $in := $states.input;
  $name := $states.context.Execution.Name;
  $text := function($millis) { $fromMillis($millis, '[Y0001]-[M01]-[D01]') };
  $millis := function($day) { $toMillis($day & 'T00:00:00Z') };
  $length := 86400000;
  $first := $exists($in.ds) ? $millis($in.ds)
    : $exists($in.from) ? $millis($in.from)
    : $millis($text($toMillis($in.scheduledTime) - ($exists($in.offset) ? $in.offset : 1) * $length));
  $last := $exists($in.to) ? $millis($in.to) : $first;
  $together := $exists($in.together) ? $in.together : 1;
  $count := $last < $first ? 0 : $ceil((($last - $first) / $length + 1) / $together);
  $run := $contains($name, /^[A-Za-z0-9][A-Za-z0-9-]{0,57}$/) ? $name : $substring($hash($name, 'SHA-256'), 0, 40);
  { 'days': [[0..$count - 1].(
    $part := $;
    $from := $first + $part * $together * $length;
    $to := $from + ($together - 1) * $length;
    { 'day': {
        'ds': $text($from),
        'through': $text($to < $last ? $to : $last),
        'run': $count = 1 ? $run : $run & '-' & $string($part),
        'wait': $in.wait,
        'lookBack': $in.lookBack
      },
      'outcomes': [],
      'tries': 0 }
  )] }
)`);

export const isCountGood = expression(
  `$count($states.input.days) > 0 and $count($states.input.days) <= ${String(mostParts)}`,
);

export const days = expression('$states.input.days');

/**
 * `--wait` is for a job that waits for a delivery: the others start after what they read. `--look-back` is for a job that
 * can compare earlier days.
 */
export const commandOf = ({ waits, looksBack, resumes }: Takes): string =>
  expression(`[
    '--ds=' & $states.input.day.ds,
    $states.input.day.through = $states.input.day.ds ? [] : ['--through=' & $states.input.day.through],
    ${resumes ? "'--run-id=' & $states.input.day.run," : ''}
    ${waits ? `$exists($states.input.day.wait) and $states.input.tries < ${String(waitingTries)} ? ['--wait=' & $states.input.day.wait] : [],` : ''}
    ${looksBack > 0 ? `$exists($states.input.day.lookBack) ? ['--look-back=' & $string($states.input.day.lookBack * ${String(looksBack)})] : [],` : ''}
    '--log-format=json'
  ]`);

/** Which options of the day's input the job takes. */
interface Takes {
  readonly waits: boolean;
  /** How many times as far as the day's input says; 0 for a job that cannot. */
  readonly looksBack: number;
  /** Whether a try goes on with the work of the one before, which it finds by the run's name. */
  readonly resumes: boolean;
}

const withOutcome = (outcome: string): string =>
  `{ 'day': $states.input.day, 'tries': 0, 'outcomes': [$append($states.input.outcomes, [${outcome}])] }`;

export const done = (job: JobName): string =>
  expression(withOutcome(`{ 'job': '${job}', 'exit': 0, 'tries': $states.input.tries + 1 }`));

/** Errors of the call itself that no retry changes (Amazon ECS API reference, RunTask). */
const refusals =
  '/AccessDenied|InvalidParameter|ClusterNotFound|PlatformUnknown|UnsupportedFeature/';

/**
 * What is known of a failed task. Its cause is what DescribeTasks answers; a call that was refused has a text, and
 * counts as wrong configuration.
 */
export const failureOf = (job: JobName): string =>
  expression(`(
    $error := $states.errorOutput.Error;
    $cause := $string($states.errorOutput.Cause);
    $task := $substring($cause, 0, 1) = '{' ? $parse($cause) : {};
    $container := $task.Containers[Name = '${job}'];
    $merge([$states.input, {
      'tries': $states.input.tries + 1,
      'failure': {
        'exit': $contains($error, ${refusals}) ? 78 : $container.ExitCode,
        'isTimeout': $error = 'States.Timeout',
        'reason': $error = 'States.Timeout' ? 'it took too long, and is not waited for; it may still run'
          : $exists($task.StoppedReason) ? $join([$task.StoppedReason, $container.Reason], '; ')
          : $error & ': ' & $cause,
        'task': $exists($task.TaskArn) ? $split($task.TaskArn, '/')[-1] : 'none'
      }
    }])
  )`);

export const mayPass = expression(`
  $not($states.input.failure.exit in ${list(finalExits)})
  and $not($states.input.failure.isTimeout)
  and $states.input.tries <= ${String(retries)}
`);

export const delay = expression(
  `$min([${String(retryDelay.first)} * $power(2, $states.input.tries - 1), ${String(retryDelay.longest)}])`,
);

export const logStream = (job: JobName, prefix: string): string =>
  expression(`'${prefix}/${job}/' & $states.input.failure.task`);

const failed = (job: JobName, message: string): string =>
  withOutcome(`{
    'job': '${job}',
    'exit': $states.input.failure.exit,
    'tries': $states.input.tries,
    'task': $states.input.failure.task,
    'message': $substring(${message}, 0, 400)
  }`);

/** The outcome with the job's own last word: the summary line of a failed day, or the last error of its log. */
export const saidLast = (job: JobName): string =>
  expression(`(
    $lines := $states.result.Events.Message;
    $records := $lines[$substring($, 0, 1) = '{' and $contains($, /\\}\\s*$/)].$parse($);
    $last := $records[status = 'failed' or (level >= 50 and $exists(msg))][-1];
    $text := $exists($last.message) ? $last.message : $exists($last.msg) ? $last.msg
      : $exists($lines) ? $lines[-1] : $states.input.failure.reason;
    $advice := $exists($last.action) ? ' (' & $last.action & ')' : '';
    ${failed(job, '$text & $advice')}
  )`);

/** The outcome of a task that left no log. */
export const saidNothing = (job: JobName): string =>
  expression(failed(job, '$states.input.failure.reason'));

/** Whether all jobs so far have done their work. */
export const isDoneSoFar = expression(
  `$count($states.input.outcomes[$not(exit in ${list(doneExits)})]) = 0`,
);

/** Of both branches, one item again. */
export const joined = expression(
  `{ 'day': $states.input[0].day, 'tries': 0, 'outcomes': [$states.input.outcomes] }`,
);

/** The result of one part of the range. */
export const told = expression(`{
  'ds': $states.input.day.ds,
  'through': $states.input.day.through,
  'run': $states.input.day.run,
  'outcomes': [$states.input.outcomes]
}`);

export const areAllDone = expression(`$count($states.input.outcomes[$not(exit = 0)]) = 0`);

/** `exit 65`: the most severe code, or the only one that is known. */
export const worst = expression(`(
  $exits := $states.input.outcomes[$not(exit = 0)].exit;
  $known := ${list(severity)}[$ in $exits][0];
  $exists($known) ? 'exit ' & $string($known)
    : $exists($exits) ? 'exit ' & $string($exits[0]) : 'no exit code'
)`);

export const causes = expression(`$substring($join($states.input.(
  $part := $;
  outcomes[$not(exit = 0)].(
    job & ' of ' & $part.ds & ($part.through = $part.ds ? '' : ' to ' & $part.through)
    & ($exists(exit) ? ' ended with exit ' & $string(exit) : ' ended without an exit code')
    & (tries > 1 ? ' after ' & $string(tries) & ' tries' : '') & ': ' & message
  )
), '\\n'), 0, 32000)`);

export const summary = expression(`{ 'days': $states.input }`);
