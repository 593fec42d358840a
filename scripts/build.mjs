import { runCommand, toolPath } from './run-command.mjs';

/** Builds every package that is not up to date. Gives `{ code, output }`. */
export function build() {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_UPDATE_NOTIFIER: '1' };
  return runCommand(toolPath('turbo'), ['run', 'build', '--output-logs=errors-only'], { env });
}
