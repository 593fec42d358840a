import { Buffer } from 'node:buffer';
import { quoteForShell } from './shell-quoting.ts';

/** What the dispatcher of an exec lane needs to run one command. */
export interface ExecRequest {
  /** argv, validated. */
  readonly command: readonly (string | Uint8Array)[];
  /** Absolute working directory. */
  readonly workingDirectory: string;
  /** Variables, validated. */
  readonly environmentVariables: Readonly<Record<string, string | Uint8Array>>;
  /** Value of the marker variable that finds escapees. */
  readonly marker: string;
  /** Absolute path of the FIFO that a stdin feeder has made. Default: stdin is empty. */
  readonly stdinPath?: string;
  /** Renews the lease of the environment before the command is run. Default: it is left alone. */
  readonly leaseToken?: string;
  /** How many processes of the container the kernel has killed for memory so far, where that is known. Default: the lane reads it. */
  readonly memoryKills?: number;
  /** Description kept with the record: one line without spaces. */
  readonly meta: string;
}

/** Name of the environment variable that marks every process of a command. */
export const markerVariable = 'RECAC_EXEC';

/** Requests longer than this travel as counted bytes: reading a line costs a system call per byte. */
const longestLineRequest = 8_192;

/** Names the shells keep for themselves: assigning them fails, ends the shell, or is not passed on. */
const shellOwnedNames =
  /^(_|_rc.*|IFS|ENV|OPTIND|OPTARG|OPTERR|PPID|UID|EUID|GROUPS|LINENO|PWD|OLDPWD|SHLVL|RANDOM|SECONDS|SRANDOM|EPOCH\w+|FUNCNAME|DIRSTACK|HISTCMD|COMP_\w+|MAPFILE|PS[0-4]|POSIXLY_CORRECT|BASH\w*|SHELLOPTS)$/;
const portableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function isExportable(name: string): boolean {
  return portableName.test(name) && !shellOwnedNames.test(name);
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');

function buildExports(variables: ExecRequest['environmentVariables'], marker: string): Buffer[] {
  const parts = [text('export')];
  for (const [name, value] of Object.entries(variables)) {
    if (isExportable(name)) parts.push(text(` ${name}=`), quoteForShell(value));
  }
  // Last, and so the one that counts: a command that was given the variables of another carries the marker of that one, too.
  parts.push(text(` ${markerVariable}='${marker}'; `));
  return parts;
}

/** Variables that a shell cannot export go through `env`, which costs one exec. It runs setsid, not the command: a program with `=` in its path is a variable to it. */
function buildRun({ command, environmentVariables }: ExecRequest): Buffer[] {
  const words = command.flatMap((argument) => [text(' '), quoteForShell(argument)]);
  const odd = Object.entries(environmentVariables).filter(([name]) => !isExportable(name));
  if (odd.length === 0) return [text('_rcrun'), ...words];
  return [
    text('_rcwith '),
    quoteForShell(command[0] ?? ''),
    text(' "$_rcenv" --'),
    ...odd.flatMap(([name, value]) => [
      text(' '),
      quoteForShell(Buffer.concat([text(`${name}=`), Buffer.from(value)])),
    ]),
    text(' "$_rcsetsid" --'),
    ...words,
  ];
}

/**
 * The shell source of one request, as sent on the lane's stdin. It is one compound command, so that a shell has
 * parsed all of it before any of it, such as a changed locale, takes effect.
 */
export function buildExecRequest(request: ExecRequest): Buffer {
  const stdin = request.stdinPath === undefined ? text('/dev/null') : quoteForShell(request.stdinPath);
  const lease = request.leaseToken === undefined ? '' : `_rclease ${request.leaseToken}; `;
  const source = Buffer.concat([
    text(`{ ${lease}_rcbegin ${request.meta} `),
    quoteForShell(request.workingDirectory),
    text(` ${request.memoryKills ?? ''}; `),
    ...buildExports(request.environmentVariables, request.marker),
    ...buildRun(request),
    text(' <'),
    stdin,
    text('; }'),
  ]);
  if (source.length <= longestLineRequest && !source.includes(0x0a)) return Buffer.concat([source, text('\n')]);
  return Buffer.concat([text(`f ${source.length + 1}\n`), source, text('\n')]);
}

/** The request to remove the records of segments and to end the lane: for its dispatcher its line is then at its end. */
export function buildLeaveRequest(segments: readonly string[]): Buffer {
  const records = segments.map((segment) => ` "$_rcD/${segment}".*`).join('');
  return text(`rm -f${records}; kill -USR2 $$\n`);
}
