import { createLocalEngine } from '../src/index.ts';

/** What a client in a process of its own is to do. */
export interface ClientTask {
  /** State directory of its engine. */
  readonly stateDirectory: string;
  /** Lease of the environment it starts. */
  readonly leaseMs?: number;
  /** Command that it spawns. */
  readonly command: readonly string[];
  /** It feeds the command's stdin for ever. */
  readonly feed: boolean;
}

const task = JSON.parse(process.argv[2] ?? '') as ClientTask;
const engine = createLocalEngine({ stateDirectory: task.stateDirectory });
const { id } = await engine.startEnvironment({
  sessionId: 'test',
  ...(task.leaseMs === undefined ? {} : { leaseMs: task.leaseMs }),
});
const handle = await engine.spawn(id, task.command, { stdin: task.feed ? 'pipe' : 'empty' });
process.stdout.write(`${JSON.stringify({ id, execId: handle.execId })}\n`);

async function read(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

async function feed(): Promise<never> {
  for (;;) await handle.write('a line of stdin\n');
}

await Promise.all([read(handle.stdout), read(handle.stderr), task.feed ? feed() : undefined]);
await handle.wait();
await new Promise(() => setInterval(() => {}, 60_000));
