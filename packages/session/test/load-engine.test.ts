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

describe('without a backend', () => {
  const noDaemon = { ...toConfig(), docker: { hardening: 'full' as const, host: 'unix:///nonexistent/recac.sock' } };

  test('and without a daemon the error names what helps, and local is not used', async () => {
    await expect(loadEngine(noDaemon)).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(
        /^no backend is set.*DOCKER_HOST.*--backend kubernetes.*--backend local.*isolates nothing/s,
      ),
    });
  });

  test('a daemon that answers is used, and only it', async () => {
    const calls: string[] = [];
    const engine = { backend: 'docker', capabilities: {}, init: async () => void calls.push('init') };
    const importPackage = async (name: string): Promise<unknown> => {
      calls.push(name);
      return { createDockerEngine: () => engine };
    };
    expect(await loadEngine(toConfig(), { importPackage })).toBe(engine);
    expect(calls).toEqual(['@recac/engine-docker', 'init']);
  });

  test('without the package of the Docker engine both ways out are named', async () => {
    const importPackage = async (name: string): Promise<unknown> => {
      throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
    };
    await expect(loadEngine(toConfig(), { importPackage })).rejects.toMatchObject({
      code: 'RECAC_ENGINE_NOT_INSTALLED',
      message: expect.stringMatching(/npm install @recac\/engine-docker.*--backend local/s),
    });
  });

  test('a cancelled look stays cancelled', async () => {
    await expect(loadEngine(noDaemon, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'RECAC_ABORTED',
    });
  });
});

test.each([
  ['recac-engine-elsewhere', 'recac-engine-elsewhere'],
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
