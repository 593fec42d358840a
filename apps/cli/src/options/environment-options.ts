import type { Command } from 'commander';
import { manyValues, singleValue } from './single-value.ts';

/** Options that describe the environment to start. */
export interface EnvironmentOptions {
  /** `--name`. */
  readonly name?: string;
  /** `--image`. */
  readonly image?: string;
  /** `--pull`. */
  readonly pull?: string;
  /** `--platform`. */
  readonly platform?: string;
  /** `--workspace`. */
  readonly workspace?: string;
  /** `--sync`. */
  readonly sync?: string;
  /** `--remote`. */
  readonly remote?: string;
  /** `--branch`. */
  readonly branch?: string;
  /** `--yes`. */
  readonly yes?: boolean;
  /** `--cpu`. */
  readonly cpu?: string;
  /** `--memory`. */
  readonly memory?: string;
  /** `--network`. */
  readonly network?: string;
  /** `--hardening`. */
  readonly hardening?: string;
  /** `--pvc`. */
  readonly pvc?: string;
  /** `--service-account`. */
  readonly serviceAccount?: string;
  /** `--runtime-class`. */
  readonly runtimeClass?: string;
  /** `--pending-timeout`. */
  readonly pendingTimeout?: string;
  /** `--lease`. */
  readonly lease?: string;
  /** `--checkpoint`. */
  readonly checkpoint?: string;
}

/** Options for variables and user, of an environment or of one command. */
export interface ProcessOptions {
  /** `--env`, in order. */
  readonly env?: readonly string[];
  /** `--env-file`, in order. */
  readonly envFile?: readonly string[];
  /** `--user`. */
  readonly user?: string;
}

/** Adds the options of {@link EnvironmentOptions}. */
export function addEnvironmentOptions(command: Command): Command {
  return command
    .addOption(singleValue('--name <name>', 'name of the session (default: one such as brave-otter)'))
    .addOption(singleValue('--image <reference>', 'image, on engines that have images'))
    .addOption(singleValue('--pull <policy>', 'when to pull the image: if-missing, always, never'))
    .addOption(singleValue('--platform <platform>', 'platform of the image, such as linux/arm64'))
    .addOption(singleValue('--workspace <dir>', 'directory to work in (default: the current one)'))
    .addOption(
      singleValue(
        '--sync <strategy>',
        'how the workspace gets in and back: auto, git, upload, bind, host-path, pvc, none',
      ),
    )
    .addOption(singleValue('--remote <remote>', 'what the environment clones by itself, with git, such as origin'))
    .addOption(singleValue('--branch <branch>', 'with --remote: its branch (default: the one checked out here)'))
    .option('-y, --yes', 'upload more than workspace.upload_limit without asking')
    .addOption(singleValue('--cpu <quantity>', 'most CPU, such as 500m or 2'))
    .addOption(singleValue('--memory <quantity>', 'most memory, such as 1Gi'))
    .addOption(singleValue('--network <preset>', 'what it may reach: none (default in containers), internet, open'))
    .addOption(
      singleValue('--hardening <level>', 'on Docker: full, or the weaker docker-default for images that need root'),
    )
    .addOption(singleValue('--pvc <claim>', 'on Kubernetes: PersistentVolumeClaim that holds the workspaces'))
    .addOption(singleValue('--service-account <name>', 'on Kubernetes: ServiceAccount of the pod, without its token'))
    .addOption(singleValue('--runtime-class <name>', 'on Kubernetes: RuntimeClass of the pod, such as gvisor'))
    .addOption(singleValue('--pending-timeout <duration>', 'longest wait until a command can run'))
    .addOption(singleValue('--lease <duration>', 'remove the environment when no client shows life for this long'))
    .addOption(singleValue('--checkpoint <duration>', 'bring the work back this often while it goes on'));
}

/** Adds the options of {@link ProcessOptions}. */
export function addProcessOptions(command: Command): Command {
  return command
    .addOption(manyValues('-e, --env <variable>', 'NAME=VALUE, or NAME to copy it from here; may be repeated'))
    .addOption(manyValues('--env-file <file>', 'file with one NAME=VALUE a line; may be repeated'))
    .addOption(singleValue('-u, --user <user>', 'name, uid or uid:gid'));
}
