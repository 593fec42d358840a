import { dirname, join, resolve } from 'node:path';
import type { ConfigLayer, WrittenValue } from './config-layer.ts';

/** Settings that are paths of the user's machine. */
const pathSettings: readonly string[] = ['kubernetes.kubeconfig', 'local.state_directory', 'workspace.path'];

/** Where relative paths and `~/` lead. */
export interface PathBases {
  /** Base of paths from flags and variables. */
  readonly workingDirectory: string;
  /** What `~/` stands for. */
  readonly homeDirectory: string;
}

/** The layer with its path settings absolute: those of a file start at the file's directory, others at the working directory. */
export function resolvePaths(layer: ConfigLayer, bases: PathBases): ConfigLayer {
  return layer.map((written) =>
    pathSettings.includes(written.keys.join('.')) ? resolvePath(written, bases) : written,
  );
}

function resolvePath(written: WrittenValue, { workingDirectory, homeDirectory }: PathBases): WrittenValue {
  const { value, origin } = written;
  if (typeof value !== 'string' || value.trim() === '' || /^~[^/]/.test(value)) return written;
  if (value === '~' || value.startsWith('~/')) return { ...written, value: join(homeDirectory, value.slice(1)) };
  return { ...written, value: resolve('file' in origin ? dirname(origin.file) : workingDirectory, value) };
}
