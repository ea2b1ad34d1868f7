import { describe, expect, it } from 'vitest';
import { findCause } from './failure-cause.ts';

const TRACEBACK = `starting
Traceback (most recent call last):
  File "/app/job.py", line 12, in <module>
    main()
  File "/app/job.py", line 7, in main
    raise ValueError("no header")
ValueError: no header
`;

describe('the cause of a failure', () => {
  it('is the traceback in stdout, with its location, and the error of the JVM', () => {
    const stderr = `24/01/01 10:00:00 WARN NativeCodeLoader: Unable to load native-hadoop library
Exception in thread "main" org.apache.spark.SparkException: Job aborted
\tat org.apache.spark.Foo(Foo.scala:1)
Caused by: java.io.FileNotFoundException: /in does not exist
\t... 20 more
`;
    expect(findCause(TRACEBACK, stderr)).toEqual({
      message:
        'ValueError: no header (job.py, line 7) | java.io.FileNotFoundException: /in does not exist',
      output: 'stdout',
    });
  });

  it('is the last traceback of a chain', () => {
    expect(
      findCause(`${TRACEBACK}\n${TRACEBACK.replaceAll('ValueError', 'KeyError')}`, '')?.message,
    ).toBe('KeyError: no header (job.py, line 7)');
  });

  it('is the error in stderr if the script wrote none', () => {
    expect(
      findCause('', 'JAVA_HOME is not set\nspark-class: line 71: java: No such file\n'),
    ).toEqual({
      message: 'spark-class: line 71: java: No such file',
      output: 'stderr',
    });
  });

  it('is found if the JVM itself crashed', () => {
    const crash =
      '#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGBUS (0x7) at pc=0x1\n#\n';
    expect(findCause(crash, '')?.message).toContain('A fatal error has been detected');
  });

  it('is the only line, or nothing', () => {
    expect(findCause('bye\n', '')).toEqual({ message: 'bye', output: 'stdout' });
    expect(findCause('', '\n')).toBeUndefined();
  });

  it('stays short', () => {
    expect(
      findCause(`Traceback (most recent call last):\nE: ${'x'.repeat(5000)}`, '')?.message.length,
    ).toBe(1001);
  });
});
