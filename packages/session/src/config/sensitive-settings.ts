/** A setting that may weaken isolation or lead recac to another machine. */
export interface SensitiveSetting {
  /** Dotted path of the setting, as it is written. */
  readonly path: string;
  /** Which of its values are sensitive, for people: `any value`, `local or a package`. */
  readonly values: string;
  /** Whether this value is. */
  readonly isSensitive: (value: unknown) => boolean;
}

const always = (): boolean => true;

/**
 * The settings that count from a project file only when the user has trusted it (`recac trust`): such a file lies where an agent can write, and
 * these settings decide what the agent's next run can reach. This list is the only place that says so.
 */
export const sensitiveSettings: readonly SensitiveSetting[] = [
  {
    path: 'runner.backend',
    values: '`local`, or a package, whose code runs on this machine',
    isSensitive: (value) => value !== 'docker' && value !== 'kubernetes',
  },
  { path: 'kubernetes.kubeconfig', values: 'any', isSensitive: always },
  { path: 'kubernetes.context', values: 'any', isSensitive: always },
  { path: 'kubernetes.namespace', values: 'any', isSensitive: always },
  { path: 'kubernetes.pvc_name', values: 'any', isSensitive: always },
  { path: 'kubernetes.pvc_size', values: 'any', isSensitive: always },
  { path: 'kubernetes.pvc_storage_class', values: 'any', isSensitive: always },
  { path: 'kubernetes.git_secret', values: 'any', isSensitive: always },
  { path: 'kubernetes.service_account', values: 'any', isSensitive: always },
  ...[
    'runtime_class',
    'node_selector',
    'tolerations',
    'priority_class',
    'image_pull_secrets',
    'labels',
    'annotations',
    'pod_template',
  ].map((key) => ({ path: `kubernetes.${key}`, values: 'any', isSensitive: always })),
  { path: 'docker.host', values: 'any', isSensitive: always },
  { path: 'docker.context', values: 'any', isSensitive: always },
  { path: 'docker.hardening', values: '`docker-default`', isSensitive: (value) => value !== 'full' },
  { path: 'docker.dns_servers', values: 'any', isSensitive: always },
  { path: 'docker.host_addresses', values: 'any', isSensitive: always },
  { path: 'local.isolation', values: '`none`', isSensitive: (value) => value !== 'bwrap' },
  { path: 'local.state_directory', values: 'any', isSensitive: always },
  {
    path: 'workspace.strategy',
    values: '`bind`, `host-path`',
    isSensitive: (value) => value === 'bind' || value === 'host-path',
  },
  { path: 'workspace.remote', values: 'any', isSensitive: always },
  { path: 'workspace.path', values: 'any but a path inside the project', isSensitive: (value) => !isInside(value) },
  { path: 'workspace.include', values: 'any', isSensitive: always },
  { path: 'workspace.exclude', values: 'patterns that begin with `!`', isSensitive: bringsBack },
  { path: 'session.user', values: '`root`, `0`', isSensitive: (value) => /^(root|0+)(:|$)/.test(String(value)) },
  { path: 'session.network', values: '`internet`, `open`', isSensitive: (value) => value !== 'none' },
];

/** A pattern that carries what an ignore file leaves out, such as a file with secrets. */
function bringsBack(patterns: unknown): boolean {
  return [patterns].flat().some((pattern) => String(pattern).startsWith('!'));
}

/** A relative path without a step up. Where links in it lead is looked at by `refuseLinksOutside`. */
function isInside(value: unknown): boolean {
  return typeof value === 'string' && !/^([/~\\]|[A-Za-z]:)/.test(value) && !value.split(/[/\\]/).includes('..');
}
