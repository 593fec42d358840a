import { type Readable, Transform } from 'node:stream';
import { type ContainerEngine, RecacError } from '@recac/engine-core';
import { createEngine, type EngineOptions, type ProcessSpec, type RawProcess } from '@recac/engine-kit';
import { LocalDriver } from '../src/local-driver.ts';
import { detectPlatform } from '../src/local-platform.ts';

/** The local driver, over lines that fail when they are told to. */
export class FaultyDriver extends LocalDriver {
  /** Lines that are open, and those that were cut and did not end yet. */
  readonly lines = new Set<RawProcess>();
  /** How many lines have been opened, or are being opened. */
  opened = 0;
  /** No new line can be opened. */
  isRefusing = false;
  /** Removals fail, as where the daemon does not answer. */
  isKeeping = false;
  /** A line is opened as soon as this resolves. */
  opening: Promise<unknown> = Promise.resolve();
  readonly #silent = new Set<RawProcess>();
  readonly #spoken = new Set<RawProcess>();

  override async openProcess(id: string, spec: ProcessSpec): Promise<RawProcess> {
    await this.opening;
    if (this.isRefusing) throw new RecacError('RECAC_ENGINE_UNAVAILABLE', 'no new line can be opened. Wait.');
    this.opened += 1;
    const process = await super.openProcess(id, spec);
    const stdin = this.#muted(() => line);
    const stdout = this.#muted(() => line);
    const line: RawProcess = {
      stdin,
      stdout,
      stderr: process.stderr,
      exited: process.exited,
      signal: (name) => process.signal(name),
      resize: (size) => process.resize(size),
      close: () => process.close(),
    };
    process.stdin.on('error', (error) => stdin.destroy(error));
    stdin.pipe(process.stdin);
    void carry(process.stdout, stdout, () => this.#spoken.add(line));
    this.lines.add(line);
    void process.exited.then(() => this.lines.delete(line));
    return line;
  }

  override async remove(id: string): Promise<void> {
    if (this.isKeeping) throw new RecacError('RECAC_ENGINE_UNAVAILABLE', 'the removal is not answered. Try again.');
    await super.remove(id);
  }

  /** From now on nothing goes through the lines that are open, and nobody is told. One that has said nothing yet is still being opened. */
  silenceAll(): void {
    for (const line of this.lines) if (this.#spoken.has(line)) this.#silent.add(line);
  }

  /** Breaks the lines that are open. */
  cutAll(): void {
    for (const line of this.lines) line.close();
  }

  #muted(line: () => RawProcess): Transform {
    return new Transform({
      transform: (chunk, _encoding, done) => (this.#silent.has(line()) ? done() : done(null, chunk)),
    });
  }
}

/** `pipe` does not work where somebody listens to `readable`. */
async function carry(from: Readable, to: Transform, onChunk: () => void): Promise<void> {
  try {
    for await (const chunk of from) {
      onChunk();
      to.write(chunk);
    }
  } catch {
    // The line was cut.
  }
  to.end();
}

/** Runs a test in an environment over a faulty driver. */
export async function withFaultyDriver(
  stateDirectory: string,
  work: (parts: { driver: FaultyDriver; engine: ContainerEngine; id: string }) => Promise<void>,
  options: EngineOptions & { readonly leaseMs?: number } = {},
): Promise<void> {
  const { leaseMs, ...engineOptions } = options;
  const driver = new FaultyDriver({ stateDirectory, shell: ['sh'], platform: detectPlatform() });
  await using engine = createEngine(driver, engineOptions);
  const { id } = await engine.startEnvironment({ sessionId: 'test', ...(leaseMs === undefined ? {} : { leaseMs }) });
  try {
    await work({ driver, engine, id });
  } finally {
    driver.isRefusing = false;
    driver.isKeeping = false;
    await engine.stopEnvironment(id);
  }
}
