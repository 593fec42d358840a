import { randomBytes } from 'node:crypto';
import type { ContainerEngine, Environment, EnvironmentSpec } from '@recac/engine-core';
import { TemporaryDirectories } from './temporary-directories.ts';

/** What a case is run with. */
export interface CaseSettings {
  /** Makes a fresh engine on the shared backend. */
  readonly createEngine: () => ContainerEngine | Promise<ContainerEngine>;
  /** Image for every environment, where the engine has images. */
  readonly image?: string | undefined;
  /** Image of environments in which commands become other users. Default: `image`. */
  readonly usersImage?: string | undefined;
  /** Multiplies deadlines and upper bounds on time. */
  readonly slow: number;
}

/** What a case works with: an engine of its own, and a record of what it made so that all of it is removed afterwards. */
export class ConformanceContext {
  /** The engine of this case, fresh. */
  readonly engine: ContainerEngine;
  /** Multiplies upper bounds on time. */
  readonly slow: number;
  readonly #settings: CaseSettings;
  readonly #engines: ContainerEngine[];
  readonly #sessionIds = new Set<string>();
  readonly #environmentIds = new Set<string>();
  readonly #directories = new TemporaryDirectories();

  private constructor(engine: ContainerEngine, settings: CaseSettings) {
    this.engine = engine;
    this.slow = settings.slow;
    this.#settings = settings;
    this.#engines = [engine];
  }

  /** A context with a fresh engine. */
  static async create(settings: CaseSettings): Promise<ConformanceContext> {
    return new ConformanceContext(await settings.createEngine(), settings);
  }

  /** The image given to the suite. Throws when there is none. */
  get image(): string {
    if (this.#settings.image === undefined)
      throw new TypeError('engineConformance needs the option image for this engine.');
    return this.#settings.image;
  }

  /** Another fresh engine on the same backend. */
  async otherEngine(): Promise<ContainerEngine> {
    const engine = await this.#settings.createEngine();
    this.#engines.push(engine);
    return engine;
  }

  /** What to start: a session id of its own, the image where needed, and the overrides. */
  specification(overrides: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
    const sessionId = overrides.sessionId ?? `conformance-${randomBytes(5).toString('hex')}`;
    this.#sessionIds.add(sessionId);
    const image = this.engine.capabilities.images ? { image: this.image } : {};
    return { ...image, ...overrides, sessionId };
  }

  /** Starts an environment that is stopped when the case is over. */
  async start(overrides: Partial<EnvironmentSpec> = {}, engine: ContainerEngine = this.engine): Promise<Environment> {
    const environment = await engine.startEnvironment(this.specification(overrides));
    this.#environmentIds.add(environment.id);
    return environment;
  }

  /** As {@link start}, with an image and a user that allow commands as other users: some engines need root inside for it. */
  startForUsers(): Promise<Environment> {
    const { usersImage } = this.#settings;
    const image = usersImage === undefined || !this.engine.capabilities.images ? {} : { image: usersImage };
    return this.start({ ...image, user: 'root' });
  }

  /** An empty directory of this machine, writable for every user, removed when the case is over. */
  temporaryDirectory(): Promise<string> {
    return this.#directories.create();
  }

  /** Stops what the case started, closes its engines and removes its directories. Never rejects: the cases judge, this only tidies. */
  async dispose(): Promise<void> {
    const made = this.#environmentIds.size + this.#sessionIds.size > 0;
    if (made && !(await this.#stopAll(this.engine))) await this.#stopAll(await this.otherEngine());
    await Promise.allSettled(this.#engines.map((engine) => engine.close()));
    await this.#directories.remove();
  }

  async #stopAll(engine: ContainerEngine): Promise<boolean> {
    try {
      const listed = await engine.listEnvironments();
      for (const status of listed) if (this.#sessionIds.has(status.sessionId)) this.#environmentIds.add(status.id);
      await Promise.all([...this.#environmentIds].map((id) => engine.stopEnvironment(id)));
      return true;
    } catch {
      return false;
    }
  }
}
