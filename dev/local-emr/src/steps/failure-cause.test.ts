import { describe, expect, it } from 'vitest';
import { causeOf } from './failure-cause.ts';

const TRACEBACK = `starting
Traceback (most recent call last):
  File "/app/job.py", line 12, in <module>
    main()
  File "/app/job.py", line 7, in main
    raise ValueError("no header")
ValueError: no header
`;

describe('the cause of a failure', () => {
  it('is the traceback of stdout, with its place, and the trouble of the JVM', () => {
    const stderr = `24/01/01 10:00:00 WARN NativeCodeLoader: Unable to load native-hadoop library
Exception in thread "main" org.apache.spark.SparkException: Job aborted
\tat org.apache.spark.Foo(Foo.scala:1)
Caused by: java.io.FileNotFoundException: /in does not exist
\t... 20 more
`;
    expect(causeOf(TRACEBACK, stderr)).toEqual({
      message:
        'ValueError: no header (job.py, line 7) | java.io.FileNotFoundException: /in does not exist',
      output: 'stdout',
    });
  });

  it('is the last traceback when one led to another', () => {
    expect(
      causeOf(`${TRACEBACK}\n${TRACEBACK.replaceAll('ValueError', 'KeyError')}`, '')?.message,
    ).toBe('KeyError: no header (job.py, line 7)');
  });

  it('is the complaint of stderr when the script wrote none', () => {
    expect(causeOf('', 'JAVA_HOME is not set\nspark-class: line 71: java: No such file\n')).toEqual(
      {
        message: 'spark-class: line 71: java: No such file',
        output: 'stderr',
      },
    );
  });

  it('is found when the JVM itself crashed', () => {
    const crash =
      '#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGBUS (0x7) at pc=0x1\n#\n';
    expect(causeOf(crash, '')?.message).toContain('A fatal error has been detected');
  });

  it('is what there is, or nothing', () => {
    expect(causeOf('bye\n', '')).toEqual({ message: 'bye', output: 'stdout' });
    expect(causeOf('', '\n')).toBeUndefined();
  });

  it('stays short', () => {
    expect(
      causeOf(`Traceback (most recent call last):\nE: ${'x'.repeat(5000)}`, '')?.message.length,
    ).toBe(1001);
  });
});
