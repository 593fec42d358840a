import { RecacError } from '@recac/engine-core';
import type { Mutant } from './mutant.ts';
import { changeCommand, changeExecOptions, changeResult } from './patches.ts';

const asText = (value: string | Uint8Array) =>
  typeof value === 'string' ? value : Buffer.from(value).toString('utf8');

/** Faults of argv, variables, directory and exit code. */
export const execMutants: readonly Mutant[] = [
  {
    fault: 'spaces in arguments are squeezed, as by an unquoted word',
    fails: 'exec/argv-spaces',
    patch: changeCommand((argument) => [
      typeof argument === 'string' ? argument.replaceAll(/ +/g, ' ').replaceAll(/^ | $/g, '') : argument,
    ]),
  },
  {
    fault: 'empty arguments are dropped',
    fails: 'exec/argv-empty',
    patch: changeCommand((argument) => (argument === '' ? [] : [argument])),
  },
  {
    fault: 'byte arguments are sent as text',
    fails: 'exec/argv-bytes',
    patch: changeCommand((argument) => [asText(argument)]),
  },
  {
    fault: '$(PATH) in arguments is expanded, as Kubernetes does',
    fails: 'exec/argv-no-expansion',
    patch: changeCommand((argument) => [
      typeof argument === 'string' ? argument.replaceAll('$(PATH)', '/bin') : argument,
    ]),
  },
  {
    fault: 'a carriage return before a newline is lost',
    fails: 'exec/argv-newlines',
    patch: changeCommand((argument) => [typeof argument === 'string' ? argument.replaceAll('\r\n', '\n') : argument]),
  },
  {
    fault: 'an argument that is too long is cut',
    fails: 'exec/argv-too-long',
    patch: changeCommand((argument) => [
      Buffer.byteLength(argument) > 131_071 ? Buffer.from(argument).subarray(0, 131_071) : argument,
    ]),
  },
  {
    fault: 'arguments that look like options are quoted with --',
    fails: 'exec/argv-leading-dash',
    patch: (engine) => ({
      exec: (id, command, options) =>
        engine.exec(id, command[2] === '-n' ? [...command.slice(0, 2), '--', ...command.slice(2)] : command, options),
    }),
  },
  {
    fault: 'the working directory is ignored',
    fails: 'exec/working-directory',
    patch: changeExecOptions(({ workingDirectory: _ignored, ...options }) => options),
  },
  {
    fault: 'variables with an odd name are dropped',
    fails: 'exec/env-odd-names',
    patch: changeExecOptions((options) => ({
      ...options,
      environmentVariables: Object.fromEntries(
        Object.entries(options.environmentVariables ?? {}).filter(([name]) => /^\w+$/.test(name) && /^\D/.test(name)),
      ),
    })),
  },
  {
    fault: 'byte values of variables are sent as text',
    fails: 'exec/env-bytes',
    patch: changeExecOptions((options) => ({
      ...options,
      environmentVariables: Object.fromEntries(
        Object.entries(options.environmentVariables ?? {}).map(([name, value]) => [name, asText(value)]),
      ),
    })),
  },
  {
    fault: 'variables with an empty value are dropped',
    fails: 'exec/env-values',
    patch: changeExecOptions((options) => ({
      ...options,
      environmentVariables: Object.fromEntries(
        Object.entries(options.environmentVariables ?? {}).filter(([, value]) => value !== ''),
      ),
    })),
  },
  {
    fault: "the client's variables are passed on",
    fails: 'exec/env-of-client',
    patch: changeExecOptions((options) => {
      const leaked = process.env.RECAC_CONFORMANCE_CLIENT;
      return leaked === undefined
        ? options
        : { ...options, environmentVariables: { LEAKED: leaked, ...options.environmentVariables } };
    }),
  },
  {
    fault: 'exit code 1 is thrown',
    fails: 'exec/exit-code',
    patch: changeResult((result) => {
      if (result.exitCode === 1) throw new RecacError('RECAC_EXEC_FAILED', 'the command failed.');
      return {};
    }),
  },
  {
    fault: 'a program that is missing is thrown',
    fails: 'exec/not-found',
    patch: changeResult((result) => {
      if (result.exitCode === 127) throw new RecacError('RECAC_EXEC_FAILED', 'not found.');
      return {};
    }),
  },
  {
    fault: 'a command that was killed is run again',
    fails: 'exec/runs-once',
    patch: (engine) => ({
      exec: async (id, command, options) => {
        const result = await engine.exec(id, command, options);
        return result.outcome.type === 'signaled' ? engine.exec(id, command, options) : result;
      },
    }),
  },
  {
    fault: 'the duration is always zero',
    fails: 'exec/duration',
    patch: changeResult(() => ({ durationMs: 0 })),
  },
];
