import assert from 'node:assert/strict';
import type { Environment, ExecOptions } from '@recac/engine-core';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';

type Variables = NonNullable<ExecOptions['environmentVariables']>;

async function printEnvironment(
  context: ConformanceContext,
  { id }: Environment,
  environmentVariables: Variables = {},
): Promise<Buffer> {
  const result = await context.engine.exec(id, ['env'], { environmentVariables });
  assertExited(result);
  return Buffer.concat([Buffer.from('\n'), result.stdoutData]);
}

function assertVariable(printed: Buffer, name: string, value: string | Uint8Array): void {
  const line = Buffer.concat([Buffer.from(`\n${name}=`), Buffer.from(value), Buffer.from('\n')]);
  assert.ok(printed.includes(line), `the command sees ${JSON.stringify(name)} with its exact value`);
}

async function assertVariables(context: ConformanceContext, variables: Variables): Promise<void> {
  const printed = await printEnvironment(context, await context.start(), variables);
  for (const [name, value] of Object.entries(variables)) assertVariable(printed, name, value);
}

/** Cases of group `exec` about environment variables. */
export const execEnvironmentCases: readonly ConformanceCase[] = [
  {
    id: 'exec/env-values',
    contract: 'Values with newlines, quotes, dollars, backslashes and equal signs arrive as they are.',
    run: (context) =>
      assertVariables(context, {
        RECAC_NEWLINE: 'a\nb\n',
        RECAC_QUOTES: `it's "so"`,
        RECAC_DOLLAR: '$HOME $(id) `id` $(HOME) $$',
        RECAC_BACKSLASH: '\\ \\n \\\\',
        RECAC_EQUALS: '=a=b=',
        RECAC_EMPTY: '',
        RECAC_SPACES: '  ',
        RECAC_UNICODE: 'é🦊',
      }),
  },
  {
    id: 'exec/env-bytes',
    contract: 'A value may be raw bytes, every byte from 1 to 255.',
    requires: ['durableExec'],
    run: (context) =>
      assertVariables(context, {
        RECAC_BYTES: Uint8Array.from({ length: 255 }, (_, index) => index + 1),
        RECAC_HIGH: Uint8Array.of(0xff, 0xc3),
      }),
  },
  {
    id: 'exec/env-odd-names',
    contract: 'Names that no shell would accept arrive.',
    run: (context) =>
      assertVariables(context, {
        'A.B': '1',
        '9LIVES': '2',
        'with-dash': '3',
        'with space': '4',
        'BASH_FUNC_x%%': '() { :; }',
        nämé: '5',
        "quo'te": '6',
        'a;b': '7',
      }),
  },
  {
    id: 'exec/env-shell-names',
    contract: 'Names that a shell keeps for itself arrive with the given value.',
    run: (context) =>
      assertVariables(context, {
        UID: '4711',
        PPID: '4712',
        EUID: '4713',
        IFS: ',',
        PATH: '/nowhere:/usr/local/bin:/usr/bin:/bin',
        LC_ALL: 'C',
        HOME: '/elsewhere',
        PS4: '$(id)',
        ENV: '/nowhere',
        OPTIND: '9',
        RANDOM: 'x',
        LINENO: 'y',
      }),
  },
  {
    id: 'exec/env-large',
    contract: 'A value of 100 000 bytes arrives.',
    run: (context) => assertVariables(context, { RECAC_LARGE: 'x'.repeat(100_000) }),
  },
  {
    id: 'exec/env-of-environment',
    contract: "A command sees the environment's variables, and its own win over them.",
    async run(context) {
      const environment = await context.start({
        environmentVariables: { RECAC_KEPT: 'environment', RECAC_REPLACED: "old 'value'\n" },
      });
      const printed = await printEnvironment(context, environment, { RECAC_REPLACED: 'new' });
      assertVariable(printed, 'RECAC_KEPT', 'environment');
      assertVariable(printed, 'RECAC_REPLACED', 'new');
      assertVariable(await printEnvironment(context, environment), 'RECAC_REPLACED', "old 'value'\n");
    },
  },
  {
    id: 'exec/env-not-sticky',
    contract: 'Variables of one command are not seen by the next.',
    async run(context) {
      const environment = await context.start();
      await printEnvironment(context, environment, { RECAC_ONCE: 'secret', 'RECAC.ODD': 'secret' });
      const printed = await printEnvironment(context, environment);
      assert.equal(printed.includes('secret'), false, 'no trace of the variable');
    },
  },
  {
    id: 'exec/env-of-client',
    contract: 'Variables of the client process do not reach the command.',
    async run(context) {
      process.env.RECAC_CONFORMANCE_CLIENT = 'client-value';
      try {
        const printed = await printEnvironment(context, await context.start());
        assert.equal(printed.includes('client-value'), false, 'no trace of the variable');
      } finally {
        delete process.env.RECAC_CONFORMANCE_CLIENT;
      }
    },
  },
];
