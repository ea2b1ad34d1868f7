export declare const packages: readonly ['local-redshift', 'local-emr', 'testcontainers'];
/** What a program prints when it is ready. */
export interface Ready {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}
export interface Started extends AsyncDisposable {
  readonly ready: Ready;
  /** Sends SIGTERM to the program. */
  readonly stop: () => Promise<{
    readonly code: number | null;
    readonly stderr: string;
  }>;
}
export declare class OtherProject implements AsyncDisposable {
  #private;
  readonly folder: string;
  /** Where programs put temporary files. */
  readonly temporary: string;
  private constructor();
  /** Packs the packages as `nx run …:pack` does, and installs them with their dependencies. */
  static open(): Promise<OtherProject>;
  /** The code blocks of a package's README, as it was installed. */
  documented(name: (typeof packages)[number], language: 'sh' | 'ts'): Promise<string[]>;
  /** Runs a command of this project to its end, in its folder. */
  fails(
    command: string,
    variables?: NodeJS.ProcessEnv,
  ): Promise<{
    code: number | null;
    stderr: string;
  }>;
  /** Starts a command of this project, and waits until it says that it is ready. */
  start(command: string, variables?: NodeJS.ProcessEnv): Promise<Started>;
  [Symbol.asyncDispose](): Promise<void>;
}
