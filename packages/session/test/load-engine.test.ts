import { parseConfig } from '@recac/engine-core';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '../src/index.ts';

const toConfig = (backend?: string): ReturnType<typeof parseConfig> =>
  parseConfig(backend === undefined ? {} : { runner: { backend } });

test('local comes from its package, without I/O', async () => {
  const engine = await loadEngine(toConfig('local'));
  expect(engine.backend).toBe('local');
  expect(engine.capabilities.isolation).toBe('none');
});

test('no backend is an error that names what exists', async () => {
  await expect(loadEngine(toConfig())).rejects.toMatchObject({
    code: 'RECAC_CONFIG_INVALID',
    message: expect.stringContaining('--backend local'),
  });
});

test.each([
  ['docker', '@recac/engine-docker'],
  ['kubernetes', '@recac/engine-k8s'],
  ['recac-engine-somewhere', 'recac-engine-somewhere'],
])('%s without its package names the install line', async (backend, packageName) => {
  await expect(loadEngine(toConfig(backend))).rejects.toMatchObject({
    code: 'RECAC_ENGINE_NOT_INSTALLED',
    message: expect.stringContaining(`npm install ${packageName}`),
    details: { package: packageName, backend },
  });
});

describe('packages', () => {
  const engine = { backend: 'other', capabilities: {} };

  test('any other name is a package with createEngine', async () => {
    const importPackage = async (name: string): Promise<unknown> => ({ createEngine: () => ({ ...engine, name }) });
    expect(await loadEngine(toConfig('recac-engine-other'), { importPackage })).toMatchObject({
      name: 'recac-engine-other',
    });
  });

  test.each([
    ['without the factory', async () => ({}), 'does not export createEngine'],
    ['that breaks when loaded', async () => Promise.reject(new SyntaxError('odd')), 'odd'],
  ])('a package %s is unavailable', async (_, importPackage, text) => {
    await expect(loadEngine(toConfig('recac-engine-other'), { importPackage })).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringContaining(text),
    });
  });

  test('modules of Node are no engines', async () => {
    const config = { ...toConfig('local'), runner: { backend: 'worker_threads' } };
    await expect(loadEngine(config)).rejects.toMatchObject({
      code: expect.stringMatching(/CONFIG_INVALID|INVALID_ARGUMENT/),
    });
  });

  test.each([['./engine.js'], ['/etc/passwd'], ['data:text/javascript,0'], ['../x']])(
    '%s is no package',
    async (backend) => {
      await expect(loadEngine({ ...toConfig('local'), runner: { backend } })).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
      });
    },
  );
});

test('isolation that was asked for is never left out', async () => {
  const config = parseConfig({ runner: { backend: 'local' }, local: { isolation: 'bwrap' } });
  const loaded = loadEngine(config);
  await expect(loaded.then(({ capabilities }) => capabilities.isolation)).rejects.toMatchObject({
    code: 'RECAC_CAPABILITY_UNSUPPORTED',
  });
});
