import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-config-yaml-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function load(content: string | Uint8Array) {
  await writeFile(join(directory, 'c.yaml'), content);
  return loadConfig({ workingDirectory: directory, homeDirectory: directory, environment: {}, configPath: 'c.yaml' });
}

describe('a configuration file', () => {
  test.each<[string, string | Uint8Array]>([
    ['empty', ''],
    ['only comments', '# nothing\n# here\n'],
    ['only a document marker', '---\n'],
    ['null', 'null\n'],
    ['empty sections', 'runner:\nkubernetes:\n  resources:\n    limits:\n'],
    ['a byte order mark', '\ufeffkubernetes: {}\n'],
    ['CRLF', 'kubernetes:\r\n  resources: {}\r\n'],
    ['an end marker', 'kubernetes: {}\n...\n'],
    ['an alias', 'kubernetes:\n  resources:\n    requests: &amounts { cpu: 1 }\n    limits: *amounts\n'],
  ])('may be or hold: %s', async (_what, content) => {
    expect((await load(content)).config.kubernetes.namespace).toBe('default');
  });

  test('keeps what YAML 1.1 took for booleans', async () => {
    const { config } = await load('kubernetes: { namespace: no, context: on }\nsession: { env: { A: yes, B: off } }\n');
    expect(config.kubernetes).toMatchObject({ namespace: 'no', context: 'on' });
    expect(config.session.env).toEqual({ A: 'yes', B: 'off' });
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['tabs', 'runner:\n\tbackend: docker\n', /c\.yaml:2 is not valid YAML: Tabs/],
    ['a NUL byte', 'runner:\n  backend: "\0"\n', /c\.yaml:2 must not hold a NUL byte/],
    ['invalid UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0x31, 0x0a, 0xff), /c\.yaml:2 must be valid UTF-8/],
    ['UTF-16', Buffer.from('\ufeffa: 1', 'utf16le'), /c\.yaml:1 must not hold a NUL byte/],
    ['more than 1 MiB', `# ${'x'.repeat(1_048_576)}`, /must not exceed 1048576 bytes/],
    ['two documents', 'runner: {}\n---\nrunner: {}\n', /c\.yaml:\d must hold one YAML document/],
    ['a duplicate key', 'runner: {}\nkubernetes: {}\nrunner: {}\n', /c\.yaml:3 has the key "runner" twice/],
    ['a custom tag', 'runner:\n  backend: !secret x\n', /c\.yaml:2 is not valid YAML: Unresolved tag/],
    ['a binary', 'runner:\n  backend: !!binary aGk=\n', /c\.yaml:2 is not valid YAML: Unresolved tag/],
    ['a directive', '%FOO x\n---\nrunner: {}\n', /c\.yaml:1 is not valid YAML/],
    ['YAML 1.1', '%YAML 1.1\n---\nrunner: {}\n', /YAML 1\.2/],
    ['a list', '- runner\n', /must hold sections of keys/],
    ['a text', 'hello\n', /must hold sections of keys/],
    ['a number as key', 'session:\n  env: { 1: a }\n', /c\.yaml:2 must have plain texts as keys/],
    ['a list as key', '? [a]\n: 1\n', /plain texts as keys/],
    ['an unknown alias', 'runner: *gone\n', /c\.yaml:1 has the alias \*gone without an anchor/],
    [
      'an alias inside itself',
      'runner: &self\n  backend: *self\n',
      /c\.yaml:2 has the alias \*self inside its own anchor/,
    ],
    ['25 aliases', `a: &a 1\nb: [${Array.from({ length: 25 }, () => '*a').join(', ')}]\n`, /more than 20 aliases/],
    ['21 levels', `a: ${'['.repeat(21)}${']'.repeat(21)}\n`, /nested deeper than 20 levels/],
    ['10 000 levels', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`, /nested so deeply/],
    ['10 000 levels of lists', `${'- '.repeat(10_000)}\n`, /nested so deeply/],
    ['10 000 levels, open', `a: ${'{a: '.repeat(10_000)}\n`, /nested so deeply/],
    ['60 000 keys', Array.from({ length: 60_000 }, (_, index) => `key${index}: 1`).join('\n'), /more than 1000 values/],
    ['an alias bomb', bomb(), /more than 20 aliases|repeats too much/],
    ['an unclosed quote', 'runner:\n  backend: "docker\n', /is not valid YAML/],
  ])('may not be or hold: %s', async (_what, content, message) => {
    const started = performance.now();
    await expect(load(content)).rejects.toMatchObject({
      code: 'RECAC_CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

function bomb(): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const lines = names.map((name, index) => {
    const previous = names[index - 1];
    const items = previous === undefined ? 'x,x,x,x' : `*${previous},*${previous},*${previous},*${previous}`;
    return `${name}: &${name} [${items}]`;
  });
  return `${lines.join('\n')}\n`;
}
