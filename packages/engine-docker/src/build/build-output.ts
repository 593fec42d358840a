import { RecacError } from '@recac/engine-core';
import { toPlainText } from '@recac/engine-kit';

const keptLines = 20;
const stepShape = /^step \d+\/\d+ ?: |^#\d+ \[[^\]]*\d+\/\d+\] /i;

/** The output of a build: tells every line, and keeps what an error should say. */
export class BuildOutput {
  readonly #onProgress: ((line: string) => void) | undefined;
  readonly #last: string[] = [];
  #rest = '';
  #step: string | undefined;

  constructor(onProgress: ((line: string) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  /** Takes output as it comes, in any pieces. */
  write(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  /** Takes one line. */
  line(line: string): void {
    if (line.trim() === '') return;
    if (stepShape.test(line)) this.#step = line.trim();
    this.#last.push(line);
    if (this.#last.length > keptLines) this.#last.shift();
    this.#onProgress?.(line);
  }

  /** Tells a last line that had no end. */
  end(): void {
    if (this.#rest !== '') this.line(this.#rest);
    this.#rest = '';
  }

  /** The error for a build that failed. `problem`: the builder's word for it. `step`: the step, where the builder told it. */
  toError(tag: string, problem: string, { step = this.#step, exitCode, cause }: BuildFailure = {}): RecacError {
    this.end();
    const at = step === undefined ? '' : ` at ${toPlainText(step)}`;
    const output =
      this.#last.length === 0
        ? ''
        : `\nThe last lines of its output:\n  ${this.#last.map((line) => toPlainText(line)).join('\n  ')}`;
    return new RecacError(
      'RECAC_IMAGE_BUILD_FAILED',
      `the build of ${tag} failed${at}: ${toPlainText(problem).replace(/\.$/, '')}. Repair the build.${output}`,
      {
        cause,
        details: {
          tag,
          ...(step === undefined ? {} : { step }),
          ...(exitCode === undefined ? {} : { exitCode }),
          output: [...this.#last],
        },
      },
    );
  }
}

/** What is known of a failure. */
export interface BuildFailure {
  /** The step that failed. Default: the last that began. */
  readonly step?: string | undefined;
  /** Exit code of its command. */
  readonly exitCode?: number | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}
