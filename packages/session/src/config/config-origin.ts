/** Where the value of a setting comes from. */
export type ConfigOrigin =
  /** A flag of the command, or an override of the caller. */
  | { readonly type: 'flag' }
  /** An environment variable of the `recac` process. */
  | {
      readonly type: 'environment';
      /** The variable's name. */
      readonly variable: string;
    }
  /** `recac.yaml`, `config.yaml`, or the file of `--config` or `RECAC_CONFIG`. */
  | {
      readonly type: 'project file';
      /** Absolute path. */
      readonly file: string;
      /** Line of the key, from 1. */
      readonly line?: number;
    }
  /** The user's own file. */
  | {
      readonly type: 'user file';
      /** Absolute path. */
      readonly file: string;
      /** Line of the key, from 1. */
      readonly line?: number;
    }
  /** Nobody set it. */
  | { readonly type: 'default' };

/** An origin for people: `flag`, `RECAC_RUNNER_BACKEND`, `/project/recac.yaml:3`, `default`. */
export function formatOrigin(origin: ConfigOrigin): string {
  if (origin.type === 'environment') return origin.variable;
  if (origin.type === 'flag' || origin.type === 'default') return origin.type;
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
}
