import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/** Adds arguments, options and the action to a command. */
export type DefineCommand = (command: Command, context: CommandContext) => void;

/** One command, without its code. */
export interface CommandEntry {
  /** Name on the command line. */
  readonly name: string;
  /** Another name of it. Default: none. */
  readonly alias?: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loads its definition. */
  readonly load: () => Promise<DefineCommand>;
}

/** All commands, in the order of the help. Only the one that is called gets loaded. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'start an environment, run a command in it, stop it',
    load: async () => (await import('./commands/run.ts')).defineRun,
  },
  {
    name: 'start',
    summary: 'start an environment and leave it running',
    load: async () => (await import('./commands/start.ts')).defineStart,
  },
  {
    name: 'exec',
    summary: 'run a command in a session',
    load: async () => (await import('./commands/exec.ts')).defineExec,
  },
  {
    name: 'spawn',
    summary: 'start a command in a session and leave it running',
    load: async () => (await import('./commands/spawn.ts')).defineSpawn,
  },
  {
    name: 'shell',
    summary: 'open a shell in a session',
    load: async () => (await import('./commands/shell.ts')).defineShell,
  },
  {
    name: 'attach',
    summary: 'replay and follow a command of a session',
    load: async () => (await import('./commands/attach.ts')).defineAttach,
  },
  {
    name: 'logs',
    summary: 'print what a command of a session wrote',
    load: async () => (await import('./commands/logs.ts')).defineLogs,
  },
  {
    name: 'stop',
    summary: 'stop sessions and remove their environments',
    load: async () => (await import('./commands/stop.ts')).defineStop,
  },
  {
    name: 'list',
    alias: 'ls',
    summary: 'list sessions',
    load: async () => (await import('./commands/list.ts')).defineList,
  },
  {
    name: 'inspect',
    summary: 'show a session and its commands',
    load: async () => (await import('./commands/inspect.ts')).defineInspect,
  },
  {
    name: 'cp',
    summary: 'copy files into and out of a session',
    load: async () => (await import('./commands/cp.ts')).defineCp,
  },
  {
    name: 'push',
    summary: 'send what changed here into a session',
    load: async () => (await import('./commands/push.ts')).definePush,
  },
  {
    name: 'pull',
    summary: 'bring back what changed in a session',
    load: async () => (await import('./commands/pull.ts')).definePull,
  },
  {
    name: 'diff',
    summary: 'show what a session changed',
    load: async () => (await import('./commands/diff.ts')).defineDiff,
  },
  {
    name: 'apply',
    summary: 'put the work of a session into the working tree',
    load: async () => (await import('./commands/apply.ts')).defineApply,
  },
  {
    name: 'merge',
    summary: 'merge the commits of a session',
    load: async () => (await import('./commands/merge.ts')).defineMerge,
  },
  {
    name: 'checkout',
    summary: 'switch to a branch with the work of a session',
    load: async () => (await import('./commands/checkout.ts')).defineCheckout,
  },
  {
    name: 'rescue',
    summary: 'list work that came back or is kept; bring back that of a session that ended by itself',
    load: async () => (await import('./commands/rescue.ts')).defineRescue,
  },
  {
    name: 'render',
    summary: 'print the objects that a start would create, and create nothing',
    load: async () => (await import('./commands/render.ts')).defineRender,
  },
  {
    name: 'port-forward',
    summary: 'forward local ports to ports of a session',
    load: async () => (await import('./commands/port-forward.ts')).definePortForward,
  },
  {
    name: 'build',
    summary: 'build an image',
    load: async () => (await import('./commands/build.ts')).defineBuild,
  },
  { name: 'images', summary: 'list images', load: async () => (await import('./commands/images.ts')).defineImages },
  {
    name: 'trust',
    summary: 'let a configuration file weaken isolation',
    load: async () => (await import('./commands/trust.ts')).defineTrust,
  },
  {
    name: 'config',
    summary: 'write, show and describe the configuration',
    load: async () => (await import('./commands/config.ts')).defineConfig,
  },
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    load: async () => (await import('./commands/completion.ts')).defineCompletion,
  },
];
