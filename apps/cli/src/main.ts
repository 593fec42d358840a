#!/usr/bin/env node
import { readFileSync, writeSync } from 'node:fs';

const [first, ...others] = process.argv.slice(2);

if ((first === '--version' || first === '-V') && others.length === 0) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  writeSync(1, `${manifest.version}\n`);
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { runCli } = await import('./cli.ts');
  await runCli(process.argv.slice(2));
}
