import { parseDuration } from '@recac/engine-core';
import { oneOf } from './one-of.ts';

/** Flags that stand for a setting of the configuration; they win over every file. */
export interface SettingFlags {
  /** `--backend`. */
  readonly backend?: string;
  /** `--timeout`. */
  readonly timeout?: string;
  /** `--idle-timeout`. */
  readonly idleTimeout?: string;
  /** `--kill-grace`. */
  readonly killGrace?: string;
  /** `--pending-timeout`. */
  readonly pendingTimeout?: string;
  /** `--lease`. */
  readonly lease?: string;
  /** `--checkpoint`. */
  readonly checkpoint?: string;
  /** `--hardening`. */
  readonly hardening?: string;
  /** `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** `--context`. */
  readonly context?: string;
  /** `--namespace`. */
  readonly namespace?: string;
  /** `--pvc`. */
  readonly pvc?: string;
  /** `--remote`. */
  readonly remote?: string;
  /** `--branch`. */
  readonly branch?: string;
  /** `--service-account`. */
  readonly serviceAccount?: string;
  /** `--runtime-class`. */
  readonly runtimeClass?: string;
}

interface DurationFlag {
  readonly flag: string;
  readonly setting: string;
  readonly minimumMs: number;
  readonly mayBeNone: boolean;
}

const hardeningLevels = ['full', 'docker-default'] as const;

/** Flags whose value is the setting's, and the schema's to check. */
const plainFlags = {
  backend: 'runner.backend',
  kubeconfig: 'kubernetes.kubeconfig',
  context: 'kubernetes.context',
  namespace: 'kubernetes.namespace',
  pvc: 'kubernetes.pvc_name',
  remote: 'workspace.remote',
  branch: 'workspace.branch',
  serviceAccount: 'kubernetes.service_account',
  runtimeClass: 'kubernetes.runtime_class',
} as const satisfies Partial<Record<keyof SettingFlags, string>>;

const durationFlags: Readonly<
  Record<Exclude<keyof SettingFlags, keyof typeof plainFlags | 'hardening'>, DurationFlag>
> = {
  timeout: { flag: '--timeout', setting: 'session.timeout', minimumMs: 1, mayBeNone: true },
  idleTimeout: { flag: '--idle-timeout', setting: 'session.idle_timeout', minimumMs: 1, mayBeNone: true },
  killGrace: { flag: '--kill-grace', setting: 'session.kill_grace', minimumMs: 0, mayBeNone: false },
  pendingTimeout: { flag: '--pending-timeout', setting: 'session.pending_timeout', minimumMs: 1, mayBeNone: false },
  checkpoint: { flag: '--checkpoint', setting: 'session.checkpoint', minimumMs: 1_000, mayBeNone: true },
  lease: { flag: '--lease', setting: 'session.lease', minimumMs: 1_000, mayBeNone: true },
};

/** The flags by the written paths of their settings. Errors: `RECAC_INVALID_ARGUMENT` naming the flag of a bad value. */
export function toOverrides(flags: SettingFlags): Readonly<Record<string, string>> {
  const overrides: Record<string, string> = {};
  for (const [name, setting] of Object.entries(plainFlags)) {
    const text = flags[name as keyof SettingFlags];
    if (text !== undefined) overrides[setting] = text;
  }
  if (flags.hardening !== undefined)
    overrides['docker.hardening'] = oneOf('--hardening', flags.hardening, hardeningLevels);
  for (const [name, { flag, setting, minimumMs, mayBeNone }] of Object.entries(durationFlags)) {
    const text = flags[name as keyof SettingFlags];
    if (text === undefined) continue;
    if (!(mayBeNone && text === 'none')) parseDuration(text, { field: flag, minimumMs });
    overrides[setting] = text;
  }
  return overrides;
}
