import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { TemporaryDirectories } from '../temporary-directories.ts';
import type { WorkspaceConformanceOptions, WorkspaceUnderTest } from './workspace-conformance-options.ts';

/** The files of the project when a case begins. */
export const sampleFiles = {
  text: 'one\ntwo\nthree\n',
  'source/program': '#!/bin/sh\necho hello\n',
  'source/deep/er/data': '\0\u0001binary\r\n',
  empty: '',
  'same in both': 'first\n',
  doomed: 'goes\n',
  moved: 'moves\n',
  '-dash': 'dash\n',
  'new\nline': 'odd\n',
  'ümläut ☃': 'unicode\n',
} as const;

/** A project, a strategy for it and an environment that it was pushed to. */
export class WorkspaceContext implements AsyncDisposable {
  /** The engine. */
  readonly engine: ContainerEngine;
  /** The project. */
  readonly directory: string;
  /** A directory beside it, which nothing may write to. */
  readonly outside: string;
  readonly #options: WorkspaceConformanceOptions;
  readonly #directories: TemporaryDirectories;
  readonly #stateDirectory: string;
  readonly #environments: Environment[] = [];

  private constructor(
    options: WorkspaceConformanceOptions,
    directories: TemporaryDirectories,
    [directory, stateDirectory, outside]: readonly [string, string, string],
  ) {
    this.#options = options;
    this.#directories = directories;
    this.#stateDirectory = stateDirectory;
    this.engine = options.createEngine();
    this.directory = directory;
    this.outside = outside;
  }

  /** A project with the sample files, not pushed yet. */
  static async create(options: WorkspaceConformanceOptions): Promise<WorkspaceContext> {
    const directories = new TemporaryDirectories();
    const places = [await directories.create(), await directories.create(), await directories.create()] as const;
    const context = new WorkspaceContext(options, directories, places);
    for (const [path, content] of Object.entries(sampleFiles)) await context.write(path, content);
    await chmod(join(context.directory, 'source/program'), 0o755);
    await symlink('source/program', join(context.directory, 'link'));
    return context;
  }

  /** The strategy, as a new process would have it. */
  async createWorkspace(): Promise<WorkspaceUnderTest> {
    const { engine, directory } = this;
    return this.#options.createWorkspace({ engine, directory, stateDirectory: this.#stateDirectory });
  }

  /** A strategy and an environment that the project was pushed to. */
  async start(): Promise<WorkspaceUnderTest & { readonly environment: Environment }> {
    const workspace = await this.createWorkspace();
    const environment = await this.startEnvironment(workspace);
    await workspace.strategy.push(environment);
    return { ...workspace, environment };
  }

  /** An environment with the mount that the strategy asks for. */
  async startEnvironment({ strategy }: WorkspaceUnderTest): Promise<Environment> {
    const { image } = this.#options;
    const environment = await this.engine.startEnvironment({
      sessionId: `workspace-${randomUUID().slice(0, 8)}`,
      workspace: await strategy.prepare(),
      ...(image === undefined ? {} : { image }),
    });
    this.#environments.push(environment);
    return environment;
  }

  /** Runs a script in the workspace; gives its stdout. Fails when it fails. */
  async run(environment: Environment, script: string): Promise<string> {
    const result = await this.engine.exec(environment.id, ['/bin/sh', '-c', script]);
    assert.equal(result.exitCode, 0, `${script}: ${result.stderr}`);
    return result.stdout;
  }

  /** Writes a file of the project. */
  async write(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.directory, path)), { recursive: true });
    await writeFile(join(this.directory, path), content);
  }

  /** A file of the project; undefined when there is none. */
  async read(path: string): Promise<string | undefined> {
    return readFile(join(this.directory, path), 'utf8').catch(() => undefined);
  }

  /** Permission bits of a file of the project. */
  async mode(path: string): Promise<number> {
    return (await lstat(join(this.directory, path))).mode & 0o777;
  }

  /** Names in a directory of this machine. */
  names(directory: string): Promise<readonly string[]> {
    return readdir(directory);
  }

  /** Stops what was started and removes the directories. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#environments.map(({ id }) => this.engine.stopEnvironment(id)));
    await this.engine.close().catch(() => undefined);
    await this.#directories.remove();
  }
}
