import { readFile } from 'node:fs/promises';

/** Whether a process of this machine is there. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process of this machine started, in ticks since its start: tells it from a later one with its id. Empty where there is no `/proc`, or no such process. */
export async function readStartTime(processId: number): Promise<string> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // The name of the program, in parentheses, may hold blanks.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
