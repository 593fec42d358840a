/** Where the builder reads a secret. */
export type BuildSecret =
  | {
      /** A file on this machine. */
      readonly file: string;
    }
  | {
      /** The name of an environment variable of this process. */
      readonly environmentVariable: string;
    };

/** What to build an image from. */
export interface BuildOptions {
  /** Directory that holds the build context. */
  readonly context: string;
  /** Path of the Dockerfile, inside the context. Default: `Dockerfile`. */
  readonly dockerfile?: string;
  /** Reference the image gets. */
  readonly tag: string;
  /** Stage to stop at. Default: the last. */
  readonly target?: string;
  /** Build arguments; names that look like a secret are refused. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Secrets by id, for `RUN --mount=type=secret,id=…`; they do not stay in the image. Errors: `RECAC_CAPABILITY_UNSUPPORTED` where the builder has none. */
  readonly secrets?: Readonly<Record<string, BuildSecret>>;
  /** Labels of the image. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Platform such as `linux/arm64`. Default: the builder's. */
  readonly platform?: string;
  /** Ignore cached layers. Default: false. */
  readonly noCache?: boolean;
  /** Called with each line of progress. */
  readonly onProgress?: (line: string) => void;
  /** Cancels the build. */
  readonly signal?: AbortSignal;
}
