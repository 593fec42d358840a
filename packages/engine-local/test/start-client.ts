import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientTask } from './client.ts';

/** A client in a process of its own, to be killed. */
export interface StartedClient {
  /** The environment it started. */
  readonly id: string;
  /** The command it started. */
  readonly execId: string;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** Starts a client and waits until its command runs. */
export async function startClient(task: ClientTask): Promise<StartedClient> {
  const script = fileURLToPath(new URL('./client.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@recac/source', script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let text = '';
  for await (const piece of child.stdout) {
    text += String(piece);
    if (text.includes('\n')) break;
  }
  if (!text.includes('\n')) throw new Error('the client ended before its command ran');
  const { id, execId } = JSON.parse(text) as { id: string; execId: string };
  return {
    id,
    execId,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
