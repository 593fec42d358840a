// Writes what derives from the configuration schema: packages/engine-core/schema.json and docs/configuration.md.
// With --check it writes nothing and fails when either is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { listConfigSettings, toConfigJsonSchema } from '../packages/engine-core/src/index.ts';
import { sensitiveSettings } from '../packages/session/src/config/sensitive-settings.ts';
import { renderConfiguration } from './render-configuration.mjs';

const root = new URL('../', import.meta.url);
const generated = [
  { path: 'packages/engine-core/schema.json', content: `${JSON.stringify(toConfigJsonSchema(), null, 2)}\n` },
  {
    path: 'docs/configuration.md',
    content: renderConfiguration({
      schema: toConfigJsonSchema(),
      settings: listConfigSettings(),
      sensitiveSettings,
    }),
  },
];

const isCheck = process.argv.includes('--check');
for (const { path, content } of generated) {
  const file = new URL(path, root);
  const current = await readFile(file, 'utf8').catch(() => undefined);
  if (current === content) continue;
  if (isCheck) {
    console.error(`${path} is stale. Run: npm run schema`);
    process.exitCode = 1;
  } else {
    await writeFile(file, content);
    console.log(`wrote ${path}`);
  }
}
