#!/usr/bin/env node
// Every version of node that knows modules must be able to parse this file, which says what is wrong with an old one.
import { readFileSync, writeSync } from 'node:fs';

const oldestNode = [22, 19] as const;
const [first, ...others] = process.argv.slice(2);

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

if ((first === '--version' || first === '-V') && others.length === 0) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  writeSync(1, `${manifest.version}\n`);
} else if (isTooOld(process.versions.node)) {
  writeSync(2, `recac: recac needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}.\n`);
  process.exitCode = ['run', 'exec', 'attach', 'shell'].includes(first ?? '') ? 125 : 1;
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { runCli } = await import('./cli.ts');
  await runCli(process.argv.slice(2));
}
