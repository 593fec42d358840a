import { isBuiltin } from 'node:module';
import {
  type Config,
  type ContainerEngine,
  RecacError,
  unsupportedCapability,
  validateBackendName,
} from '@recac/engine-core';

/** Options of {@link loadEngine}. */
export interface LoadEngineOptions {
  /**
   * Imports a package by name. Default: `import()` from this package, which sees what is installed beside it. Give `(name) => import(name)` to look from
   * your own package. Never look from a workspace: code found there would run on the host.
   */
  readonly importPackage?: (name: string) => Promise<unknown>;
  /** Cancels the look for a Docker daemon, which happens only where no backend is named. */
  readonly signal?: AbortSignal;
}

interface KnownBackend {
  readonly packageName: string;
  readonly factory: string;
  readonly options: (config: Config) => unknown;
}

const knownBackends: Readonly<Record<string, KnownBackend>> = {
  local: { packageName: '@recac/engine-local', factory: 'createLocalEngine', options: (config) => config.local },
  docker: { packageName: '@recac/engine-docker', factory: 'createDockerEngine', options: (config) => config.docker },
  kubernetes: {
    packageName: '@recac/engine-k8s',
    factory: 'createKubernetesEngine',
    options: ({
      kubernetes: { pvcName: _claim, pvcSize: _size, pvcStorageClass: _class, gitSecret: _secret, ...options },
    }) => options,
  },
};

/**
 * The engine that `config.runner.backend` names: `local`, `docker`, `kubernetes`, or the name of a package that exports `createEngine(config)`. Only that
 * package is imported, and nothing connects yet. Without a name it is `docker`, already connected, when a daemon answers; `local` is never used unless it
 * is named. Errors: `RECAC_ENGINE_NOT_INSTALLED`; `RECAC_ENGINE_UNAVAILABLE` when the package cannot be loaded, or no backend is named and no daemon
 * answers; `RECAC_PERMISSION_DENIED` when the daemon may not be used.
 */
export async function loadEngine(config: Config, options: LoadEngineOptions = {}): Promise<ContainerEngine> {
  const { backend } = config.runner;
  return backend === undefined ? probeDocker(config, options) : loadBackend(backend, config, options);
}

async function loadBackend(backend: string, config: Config, options: LoadEngineOptions): Promise<ContainerEngine> {
  const known = toBackend(backend);
  const module = await importEngine(known.packageName, backend, options.importPackage ?? ((name) => import(name)));
  const factory = (module as Readonly<Record<string, unknown>>)[known.factory];
  if (typeof factory !== 'function') {
    throw unavailable(known.packageName, `does not export ${known.factory}. Is it an engine, and of this version?`);
  }
  return checkIsolation((await factory(known.options(config))) as ContainerEngine, config);
}

/** The Docker engine when its daemon answers, else an error that says what would help. */
async function probeDocker(config: Config, options: LoadEngineOptions): Promise<ContainerEngine> {
  let engine: ContainerEngine | undefined;
  try {
    engine = await loadBackend('docker', config, options);
    await engine.init(options.signal === undefined ? {} : { signal: options.signal });
    return engine;
  } catch (error) {
    await engine?.close();
    throw noBackend(error);
  }
}

/** Isolation that was asked for is never left out in silence. */
function checkIsolation(engine: ContainerEngine, config: Config): ContainerEngine {
  const isWeaker =
    engine.backend === 'local' && config.local.isolation !== 'none' && engine.capabilities.isolation === 'none';
  if (!isWeaker) return engine;
  throw unsupportedCapability(
    'local',
    `local.isolation ${config.local.isolation}`,
    'Set local.isolation: none to run without isolation.',
  );
}

function toBackend(backend: string): KnownBackend {
  const known = Object.hasOwn(knownBackends, backend) ? knownBackends[backend] : undefined;
  if (known !== undefined) return known;
  validateBackendName(backend, 'runner.backend');
  if (isBuiltin(backend)) throw invalidBackend('must not be a module of Node', 'Use for example --backend local.');
  return { packageName: backend, factory: 'createEngine', options: (config) => config };
}

async function importEngine(
  packageName: string,
  backend: string,
  importPackage: (name: string) => Promise<unknown>,
): Promise<unknown> {
  try {
    return await importPackage(packageName);
  } catch (cause) {
    if (isMissing(cause, packageName)) throw notInstalled(packageName, backend, cause);
    throw unavailable(packageName, `cannot be loaded: ${(cause as Error).message}`, cause);
  }
}

function isMissing(cause: unknown, packageName: string): boolean {
  const error = cause as NodeJS.ErrnoException;
  return error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${packageName}'`);
}

function notInstalled(packageName: string, backend: string, cause: unknown): RecacError {
  const message = `the engine package ${packageName} of backend ${backend} is not installed beside recac. Run where recac is installed: npm install ${packageName} (where that is global: npm install --global ${packageName}).`;
  return new RecacError('RECAC_ENGINE_NOT_INSTALLED', message, { cause, details: { package: packageName, backend } });
}

function unavailable(packageName: string, problem: string, cause?: unknown): RecacError {
  return new RecacError('RECAC_ENGINE_UNAVAILABLE', `the engine package ${packageName} ${problem}`, {
    cause,
    details: { package: packageName },
  });
}

function invalidBackend(rule: string, nextStep: string): RecacError {
  const issues = [{ path: 'runner.backend', rule, message: `runner.backend ${rule}` }];
  return new RecacError('RECAC_CONFIG_INVALID', `runner.backend ${rule}. ${nextStep}`, { details: { issues } });
}

/** The failure of the default backend with what would help; a cancelled look stays what it is. */
function noBackend(cause: unknown): unknown {
  if (!RecacError.isInstance(cause) || cause.code === 'RECAC_ABORTED') return cause;
  const message = `no backend is set, and Docker cannot be used: ${cause.message}\n${ways}`;
  return new RecacError(cause.code, message, { cause, details: cause.details });
}

const ways =
  'Another backend is named in recac.yaml, in RECAC_RUNNER_BACKEND or with --backend kubernetes; --backend local needs nothing installed, but isolates nothing.';
