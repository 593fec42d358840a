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
