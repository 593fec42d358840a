import type { ExecOutcome } from './exec.ts';

/** Signal numbers as Linux counts them on x86 and arm; used for 128+n exit codes. */
export const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

/** The name of a signal number, or `SIG<n>` where it has none (real-time signals). */
export function toSignalName(number: number): string {
  for (const [name, value] of Object.entries(signalNumbers)) if (value === number) return name;
  return `SIG${number}`;
}

/** An outcome as a shell would say it: the code; 128+n for a signal; 124 timed out; 130 cancelled; 125 lost. */
export function toExitCode(outcome: ExecOutcome): number {
  switch (outcome.type) {
    case 'exited':
      return outcome.code;
    case 'signaled':
      return 128 + (signalNumbers[outcome.signal] ?? Number(outcome.signal.slice(3)));
    case 'timedOut':
      return 124;
    case 'cancelled':
      return 130;
    case 'lost':
      return 125;
  }
}
