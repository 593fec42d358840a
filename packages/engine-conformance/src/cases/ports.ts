import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { ContainerEngine } from '@recac/engine-core';
import type { BooleanCapability, ConformanceCase } from '../conformance-case.ts';
import { expectInvalid, expectRejection } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { waitUntil } from '../wait-until.ts';

const requires: readonly BooleanCapability[] = ['openPort'];
const port = 18_080;

/** Starts a server that answers with what it gets, once, and waits until it listens. */
async function startEcho(engine: ContainerEngine, id: string): Promise<void> {
  await engine.spawn(id, ['nc', '-l', '-p', String(port), '-e', 'cat']);
  const listening = shell(`grep -qi ":$(printf %04X ${port}) .* 0A" /proc/net/tcp /proc/net/tcp6`);
  await waitUntil(async () => (await engine.exec(id, listening)).exitCode === 0, 10_000, 'listening');
}

/** Cases of group `ports`: connections to a server in the environment. */
export const portsCases: readonly ConformanceCase[] = [
  {
    id: 'ports/echo',
    contract: 'What is written to a port comes back from its server byte for byte; both ends can be closed.',
    requires,
    async run(context) {
      const { id } = await context.start();
      await startEcho(context.engine, id);
      await using connection = await context.engine.openPort(id, port);
      const sent = Buffer.alloc(
        300_000,
        Uint8Array.from({ length: 256 }, (_, index) => index),
      );
      const writing = connection.write(sent);
      const received: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of connection.output) {
        received.push(chunk);
        length += chunk.length;
        if (length >= sent.length) break;
      }
      await writing;
      await connection.end();
      assert.ok(Buffer.concat(received).equals(sent), 'every byte came back');
    },
  },
  {
    id: 'ports/closed',
    contract: 'A port that nothing listens on is RECAC_EXEC_FAILED.',
    requires,
    async run(context) {
      const { id } = await context.start();
      await expectRejection(context.engine.openPort(id, 18_081), ['RECAC_EXEC_FAILED'], 'a closed port');
    },
  },
  {
    id: 'ports/unknown-environment',
    contract: 'A port of an environment that is not there (any more) is RECAC_ENVIRONMENT_NOT_FOUND.',
    requires,
    async run(context) {
      const unknown = context.engine.openPort('recac-agent-conformance-never-started', port);
      await expectRejection(unknown, ['RECAC_ENVIRONMENT_NOT_FOUND'], 'a port of an unknown environment');
      const { id } = await context.start();
      await context.engine.stopEnvironment(id);
      await expectRejection(
        context.engine.openPort(id, port),
        ['RECAC_ENVIRONMENT_NOT_FOUND'],
        'a port after the stop',
      );
    },
  },
  {
    id: 'ports/malformed',
    contract: 'A port that is no whole number from 1 to 65535 is refused with RECAC_INVALID_ARGUMENT.',
    requires,
    async run(context) {
      const { id } = await context.start();
      for (const bad of [0, -1, 65_536, 1.5, Number.NaN]) {
        await expectInvalid(context.engine.openPort(id, bad), String(bad));
      }
    },
  },
];
