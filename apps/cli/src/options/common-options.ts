import type { Command } from 'commander';
import { singleValue } from './single-value.ts';

/** Options of every command that prints. */
export interface OutputOptions {
  /** `--json`. */
  readonly json?: boolean;
  /** `--quiet`. */
  readonly quiet?: boolean;
}

/** Options of every command that reads the configuration. */
export interface CommonOptions extends OutputOptions {
  /** `--config`. */
  readonly config?: string;
}

/** Options of every command that talks to an engine. */
export interface EngineOptions extends CommonOptions {
  /** `--backend`. */
  readonly backend?: string;
  /** `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** `--context`. */
  readonly context?: string;
  /** `--namespace`. */
  readonly namespace?: string;
}

/** Adds `--json`, `--quiet` and `--no-color`. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON value on stdout')
    .option('-q, --quiet', 'print nothing of recac itself but errors')
    .option('--no-color', 'no colors: recac itself prints none anyway');
}

/** Adds `--config` and the options of {@link addOutputOptions}. */
export function addCommonOptions(command: Command): Command {
  return addOutputOptions(
    command.addOption(
      singleValue('--config <file>', 'configuration file (default: recac.yaml, config.yaml, or the user file)'),
    ),
  );
}

/** Adds the common options and those that say which engine, and where it is. */
export function addEngineOptions(command: Command): Command {
  return addCommonOptions(
    command
      .addOption(singleValue('--backend <name>', 'local, docker, kubernetes, or an engine package'))
      .addOption(singleValue('--kubeconfig <file>', 'kubeconfig file, on Kubernetes'))
      .addOption(singleValue('--context <name>', 'context of the kubeconfig, on Kubernetes'))
      .addOption(singleValue('--namespace <name>', 'namespace of the Jobs, on Kubernetes')),
  );
}
