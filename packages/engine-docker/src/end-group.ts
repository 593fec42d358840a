import process from 'node:process';

/** Signals a child that was started `detached`, and what it started itself: helpers are often shell scripts. One that is gone is fine. */
export function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {}
}
