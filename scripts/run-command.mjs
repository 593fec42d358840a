import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** Root of the repository. */
export const root = resolve(import.meta.dirname, '..');

/** Full path of a program that the root dependencies provide, such as `tsc`. */
export function toolPath(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * Runs a program to its end and gives `{ code, output }`; output is stdout and stderr together. A program that cannot
 * be started has code 127.
 */
export function runCommand(program, args, { cwd = root, env = process.env, input } = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => done({ code: 127, output: error.message, stdout }));
    child.on('close', (code, signal) => done({ code: code ?? `ended by ${signal}`, output, stdout }));
    if (input !== undefined) child.stdin.end(input);
  });
}
