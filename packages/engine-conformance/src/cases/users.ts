import assert from 'node:assert/strict';
import { assertExited } from '../assert-outcome.ts';
import type { BooleanCapability, ConformanceCase } from '../conformance-case.ts';
import { expectInvalid, expectRejection, expectUnsupported } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { existsInside } from '../ticking.ts';

const requires: readonly BooleanCapability[] = ['execAsUser'];

/** Cases of group `users`: commands as another user. */
export const usersCases: readonly ConformanceCase[] = [
  {
    id: 'users/numeric',
    contract: 'A command runs as a numeric uid that the image does not know.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const result = await context.engine.execAsUser(id, '12345', shell('id -u'));
      assertExited(result);
      assert.equal(result.stdout, '12345\n');
    },
  },
  {
    id: 'users/uid-and-gid',
    contract: 'uid:gid sets the user and the group.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const result = await context.engine.execAsUser(id, '12345:23456', shell('id -u; id -g'));
      assertExited(result);
      assert.equal(result.stdout, '12345\n23456\n');
    },
  },
  {
    id: 'users/by-name',
    contract: 'A name is looked up inside the environment, its group too.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const expected = await context.engine.exec(id, shell('id -u nobody; id -g nobody'));
      const result = await context.engine.execAsUser(id, 'nobody', shell('id -u; id -g'));
      assertExited(result);
      assert.equal(result.stdout, expected.stdout);
    },
  },
  {
    id: 'users/home-and-user',
    contract: 'HOME and USER match the user.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const expected = await context.engine.exec(id, shell('awk -F: \'$1=="nobody" { print $6 }\' /etc/passwd'));
      const result = await context.engine.execAsUser(id, 'nobody', shell('echo "$HOME"; echo "$USER"'));
      assert.equal(result.stdout, `${expected.stdout.trim()}\nnobody\n`);
    },
  },
  {
    id: 'users/option-of-exec',
    contract: 'ExecOptions.user does the same as execAsUser.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const result = await context.engine.exec(id, shell('id -u'), { user: '12346' });
      const handle = await context.engine.spawn(id, shell('[ "$(id -u)" = 12346 ]'), { user: '12346' });
      assert.equal(result.stdout, '12346\n');
      assertExited(await handle.wait());
    },
  },
  {
    id: 'users/of-the-environment',
    contract: "The environment's user is the user of every command that names no other.",
    requires,
    async run(context) {
      const { id } = await context.start({ user: '12347' });
      assert.equal(
        (await context.engine.exec(id, shell('id -u; touch mine && echo written'))).stdout,
        '12347\nwritten\n',
      );
    },
  },
  {
    id: 'users/same',
    contract: "The environment's own user is possible in every environment.",
    requires,
    async run(context) {
      const { id } = await context.start({ user: '12347' });
      assert.equal((await context.engine.execAsUser(id, '12347', shell('id -u'))).stdout, '12347\n');
    },
  },
  {
    id: 'users/never-half',
    contract:
      'An environment that cannot become another user says RECAC_CAPABILITY_UNSUPPORTED and runs nothing; it never runs as somebody else.',
    requires,
    async run(context) {
      const { id } = await context.start({ user: '12347' });
      const outcome = await context.engine
        .execAsUser(id, '12345', shell('touch ran; id -u; id -G'))
        .catch((error: unknown) => error);
      if (!(outcome instanceof Error)) {
        assert.deepEqual(outcome, { ...(outcome as object), stdout: '12345\n12345\n' });
        return;
      }
      await expectUnsupported(Promise.reject(outcome), 'execAsUser', 'another user');
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'users/groups',
    contract: "A numeric user has its own group only: root's groups, and those of the environment, are gone.",
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      assert.equal((await context.engine.execAsUser(id, '12345:23456', shell('id -G'))).stdout, '23456\n');
    },
  },
  {
    id: 'users/no-shared-user',
    contract: 'The user of one command is not that of the next.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const before = await context.engine.exec(id, shell('id -u; echo "$HOME"'));
      await context.engine.execAsUser(id, '12345', ['true']);
      const after = await context.engine.exec(id, shell('id -u; echo "$HOME"'));
      assert.equal(after.stdout, before.stdout);
    },
  },
  {
    id: 'users/exact-like-exec',
    contract: 'execAsUser keeps argv, variables, stdin, both streams and the exit code as exec does.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const result = await context.engine.execAsUser(
        id,
        '12345',
        shell('printf "%s|%s|" "$1" "$RECAC_X"; cat; echo err >&2; exit 33', "it's $HOME\n"),
        {
          environmentVariables: { RECAC_X: "'x'\n$Y" },
          stdin: 'input',
        },
      );
      assertExited(result, 33);
      assert.deepEqual([result.stdout, result.stderr], ["it's $HOME\n|'x'\n$Y|input", 'err\n']);
    },
  },
  {
    id: 'users/unknown',
    contract: 'A name that the environment does not know is refused before anything runs.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      const running = context.engine.execAsUser(id, 'recac-nobody-at-all', shell('touch ran'));
      await expectRejection(running, ['RECAC_INVALID_ARGUMENT', 'RECAC_EXEC_FAILED'], 'an unknown user');
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'users/malformed',
    contract: 'A user that is no name, uid or uid:gid is refused with RECAC_INVALID_ARGUMENT.',
    requires,
    async run(context) {
      const { id } = await context.startForUsers();
      for (const user of ['', '-1', '1000:', ':1000', 'a:b:c', '$(id)', 'a b', 'root\n', '--help', '4294967296']) {
        await expectInvalid(context.engine.execAsUser(id, user, ['true']), JSON.stringify(user));
      }
    },
  },
];
