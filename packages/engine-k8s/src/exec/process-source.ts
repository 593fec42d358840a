import { Buffer } from 'node:buffer';
import { type ProcessSpec, quoteForShell } from '@recac/engine-kit';
import { readMainProcess } from './first-container.ts';
import type { UserSwitch } from './user-switch.ts';

/** What runs, and where; an exec of Kubernetes knows only argv. */
export interface SourcedProcess extends Pick<ProcessSpec, 'argv' | 'environmentVariables' | 'workingDirectory'> {
  /** Becomes another user first. Default: it stays the container's. */
  readonly become?: UserSwitch;
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** POSIX sh that waits for the source of what to run, as counted bytes on stdin, and runs it. */
export const awaitSourceScript = 'read -r n && eval "$(dd bs="$n" count=1 iflag=fullblock 2>/dev/null)"';

/**
 * POSIX sh that says its process id and what it knows of process 1 (see `readMainProcess`), takes the source of what to run as counted bytes from stdin, and becomes it. So
 * commands are neither in the URL, with its limits, nor in audit logs (kubernetes/kubernetes#97795), and the answer proves that the container runs.
 */
export const startScript = `${readMainProcess}echo "$$ \${20} $m"; ${awaitSourceScript}`;

/** Shell source that becomes the process. Variables that a shell cannot name go through `env`. */
export function toShellSource({ become, environmentVariables, ...process }: SourcedProcess): Buffer {
  if (become === undefined) return toExec({ ...process, ...(environmentVariables && { environmentVariables }) });
  // The directory and the program are found with the user's own rights.
  const source = toExec({
    ...process,
    environmentVariables: { ...become.environmentVariables, ...environmentVariables },
  });
  return toExec({ argv: become.toArgv(source) });
}

function toExec({ argv, environmentVariables = {}, workingDirectory }: Omit<SourcedProcess, 'become'>): Buffer {
  const named = Object.entries(environmentVariables).filter(([name]) => shellName.test(name));
  const odd = Object.entries(environmentVariables).filter(([name]) => !shellName.test(name));
  return Buffer.concat([
    ...(workingDirectory === undefined
      ? []
      : [text('cd -- '), quoteForShell(workingDirectory), text(' || exit 126; ')]),
    ...named.flatMap(([name, value]) => [text(`export ${name}=`), quoteForShell(value), text('; ')]),
    text('exec'),
    ...(odd.length > 0 ? [text(' env --')] : []),
    ...odd.flatMap(([name, value]) => [
      text(' '),
      quoteForShell(Buffer.concat([text(`${name}=`), Buffer.from(value)])),
    ]),
    ...argv.flatMap((argument) => [text(' '), quoteForShell(argument)]),
  ]);
}

/** What to write on stdin of {@link startScript} before the process's own input. */
export function toStartRequest(process: SourcedProcess): Buffer {
  const source = toShellSource(process);
  return Buffer.concat([text(`${source.length}\n`), source]);
}
