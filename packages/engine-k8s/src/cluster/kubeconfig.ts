import { dirname, isAbsolute, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { parse } from 'yaml';
import { z } from 'zod';

/** Entry of `clusters`; field names as in a kubeconfig. */
const clusterSchema = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});

const pluginSchema = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
  interactiveMode: z.string().optional(),
});

const userSchema = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  as: z.string().optional(),
  'as-uid': z.string().optional(),
  'as-groups': z.array(z.string()).optional(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).optional(),
  exec: pluginSchema.optional(),
  'auth-provider': z.object({ name: z.string() }).optional(),
});

const contextSchema = z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });

const fileSchema = z.object({
  kind: z.literal('Config').optional(),
  'current-context': z.string().nullish(),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: contextSchema })).nullish(),
});

/** How a cluster is reached. */
export type ClusterEntry = z.infer<typeof clusterSchema>;
/** Who we are there. */
export type UserEntry = z.infer<typeof userSchema>;
/** A program that gives credentials. */
export type PluginEntry = z.infer<typeof pluginSchema>;
/** A cluster, a user, a namespace. */
export type ContextEntry = z.infer<typeof contextSchema>;

/** One or several kubeconfig files as one; paths in it are absolute. */
export interface Kubeconfig {
  /** Name of the current context. */
  readonly currentContext?: string;
  /** Clusters by name. */
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  /** Users by name. */
  readonly users: ReadonlyMap<string, UserEntry>;
  /** Contexts by name. */
  readonly contexts: ReadonlyMap<string, ContextEntry>;
}

/** Reads the text of one file. Errors: `RECAC_CONFIG_INVALID` that names the file and the field. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const file = check(read(text, path), path);
  const directory = dirname(path);
  const clusters = (file.clusters ?? []).map(
    ({ name, cluster }) => [name, withPaths(cluster, directory, ['certificate-authority'])] as const,
  );
  const users = (file.users ?? []).map(({ name, user }) => [name, toAbsoluteUser(user ?? {}, directory)] as const);
  const currentContext = file['current-context'] ?? '';
  return {
    ...(currentContext === '' ? {} : { currentContext }),
    clusters: new Map(clusters),
    users: new Map(users),
    contexts: new Map((file.contexts ?? []).map(({ name, context }) => [name, context])),
  };
}

/** Several files as kubectl merges them: of each name the first entry counts. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const firstOf = <Value>(maps: readonly ReadonlyMap<string, Value>[]) =>
    new Map(maps.toReversed().flatMap((map) => [...map]));
  const currentContext = files.find((file) => file.currentContext !== undefined)?.currentContext;
  return {
    ...(currentContext === undefined ? {} : { currentContext }),
    clusters: firstOf(files.map(({ clusters }) => clusters)),
    users: firstOf(files.map(({ users }) => users)),
    contexts: firstOf(files.map(({ contexts }) => contexts)),
  };
}

function read(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw invalid(path, `is not YAML: ${(error as Error).message.split('\n')[0]}`, error);
  }
}

function check(value: unknown, path: string): z.infer<typeof fileSchema> {
  const checked = fileSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw invalid(path, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is wrong'}`, checked.error);
}

function invalid(path: string, rule: string, cause: unknown): RecacError {
  return new RecacError(
    'RECAC_CONFIG_INVALID',
    `the kubeconfig ${path} cannot be used: ${rule}. Correct the file, or name another with --kubeconfig.`,
    {
      cause,
      details: { path, rule },
    },
  );
}

function toAbsoluteUser(user: UserEntry, directory: string): UserEntry {
  const absolute = withPaths(user, directory, ['tokenFile', 'client-certificate', 'client-key']);
  const { exec } = user;
  // A bare name is looked for in PATH, as a shell does; anything else is relative to the file.
  if (exec === undefined || !exec.command.includes('/')) return absolute;
  return { ...absolute, exec: withPaths(exec, directory, ['command']) };
}

function withPaths<Entry extends object>(
  entry: Entry,
  directory: string,
  keys: readonly (keyof Entry & string)[],
): Entry {
  const paths = keys.flatMap((key) => {
    const path = entry[key];
    return typeof path === 'string' && path !== '' && !isAbsolute(path) ? [[key, join(directory, path)] as const] : [];
  });
  return { ...entry, ...Object.fromEntries(paths) };
}
