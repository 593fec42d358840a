import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IgnoreRules } from '../src/ignore/ignore-rules.ts';
import { Manifest } from '../src/manifest/manifest.ts';
import { ManifestComparison } from '../src/manifest/manifest-comparison.ts';
import type { ManifestEntry } from '../src/manifest/manifest-entry.ts';
import { ManifestParser } from '../src/manifest/manifest-parser.ts';
import { loadBase } from '../src/upload/base-file.ts';
import { BaseStore } from '../src/upload/base-store.ts';
import { WorkspaceBase } from '../src/upload/workspace-base.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-manifest-'));
  file = join(directory, 'base');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const entry = fc.record({
  type: fc.constantFrom('file', 'directory', 'link', 'special'),
  mode: fc.nat(0o777),
  size: fc.nat({ max: 2 ** 48 - 1 }),
  modifiedNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  changedNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
}) as fc.Arbitrary<ManifestEntry>;
const name = fc
  .uint8Array({ minLength: 1, maxLength: 3 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll(/[/\0]/g, 'x'));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'));
const step = fc.record({ path, entry: fc.option(entry) });

test('a manifest says what a Map of the same steps says, with directories before and after what is in them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [manifest, model] = [new Manifest(), new Map<string, ManifestEntry>()];
      for (const { path: at, entry: put } of steps) {
        if (put === null) {
          manifest.delete(at);
          model.delete(at);
        } else {
          manifest.set(at, put);
          model.set(at, put);
        }
      }
      expect(manifest.size).toBe(model.size);
      expect(new Map(manifest)).toEqual(model);
      for (const at of steps.map((one) => one.path)) expect(manifest.get(at)).toEqual(model.get(at));
      const order = [...manifest.paths()];
      expect([...manifest.reversed()].map(([at]) => at)).toEqual(order.toReversed());
      for (const [index, at] of order.entries())
        expect(order.slice(index).some((later) => at.startsWith(`${later}/`))).toBe(false);
    }),
  );
});

test('a comparison finds what is new, other and gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), (first, second) => {
      const before = new Manifest();
      for (const { path: at, entry: put } of first) if (put !== null) before.set(at, put);
      const after = new Map(second.flatMap(({ path: at, entry: put }) => (put === null ? [] : [[at, put] as const])));
      for (const at of [...before.paths()].slice(0, 5)) after.set(at, before.get(at) as ManifestEntry);
      const comparison = new ManifestComparison(before);
      for (const [at, put] of after) comparison.add(at, put);
      const { changed, removed } = comparison.finish(new IgnoreRules());
      expect([...removed.paths()].toSorted()).toEqual([...before.paths()].filter((at) => !after.has(at)).toSorted());
      for (const [at, put] of after) {
        const was = before.get(at);
        if (was === undefined || was.type !== put.type) expect(changed.get(at)).toEqual(put);
        if (was !== undefined && changed.get(at) === undefined) expect(was.type).toBe(put.type);
      }
    }),
  );
});

test('names with newlines are told from the next line, however the output is cut into pieces', () => {
  const stamp = '2026-01-01 00:00:00.5 +0000 2026-01-01 00:00:01 +0000 7';
  const names = ['plain', 'a\nb', '\n', 'a\n81a4 12', '\xff\n-', 'end\n', 'sub/\n\n/x'];
  const listing = Buffer.from(
    [`41ed 0 ${stamp} .`, ...names.map((one) => `81a4 12 ${stamp} ./${one}`), ''].join('\n'),
    'latin1',
  );
  for (let size = 1; size <= listing.length; size += 1) {
    const found = new Map<string, ManifestEntry>();
    const parser = new ManifestParser((at, put) => found.set(at, put));
    for (let at = 0; at < listing.length; at += size) parser.add(listing.subarray(at, at + size));
    parser.finish();
    expect([...found.keys()]).toEqual(names);
    expect(found.get('plain')).toMatchObject({
      size: 12,
      mode: 0o644,
      modifiedNs: 1_767_225_600_500_000_000n,
      inode: 7n,
    });
  }
});

describe('the file of a base', () => {
  const toEntry = (size: number): ManifestEntry => {
    return { type: 'file', mode: 0o644, size, modifiedNs: 1n, changedNs: 2n, inode: BigInt(size) };
  };
  const change = (base: WorkspaceBase, set: Readonly<Record<string, number>>, removed: readonly string[] = []) => {
    const [added, gone] = [new Manifest(base.table), new Manifest(base.table)];
    for (const [at, size] of Object.entries(set)) added.set(at, toEntry(size));
    for (const at of removed) gone.set(at, toEntry(0));
    return { host: { set: added, removed: gone }, environment: { set: added, removed: gone } };
  };
  const content = (base: WorkspaceBase | undefined) =>
    [base?.host, base?.environment].map((side) => new Map(side ?? []));

  test('holds what was put into it by several changes, and two processes take turns', async () => {
    const [one, other] = [new BaseStore(), new BaseStore()];
    await one.change(file, change(await one.load(file), { a: 1, 'b/c': 2 }));
    await other.change(file, change(await other.load(file), { 'b/d': 3 }, ['a']));
    await one.change(file, change(await one.load(file), { 'e/f/g': 4, '\xff\n': 5 }));
    await other.change(file, change(await other.load(file), { a: 6 }));
    const expected = new Map(
      Object.entries({ 'b/c': 2, 'b/d': 3, 'e/f/g': 4, '\xff\n': 5, a: 6 }).map(([at, size]) => [at, toEntry(size)]),
    );
    expect(content(await one.load(file))).toEqual([expected, expected]);
    expect(content(await loadBase(file))).toEqual([expected, expected]);
  });

  test('cut anywhere, it holds all that was written before the change that was cut', async () => {
    const store = new BaseStore();
    await store.change(file, change(await store.load(file), { a: 1 }));
    const whole = await readFile(file);
    const before = content(await loadBase(file));
    await store.change(file, change(await store.load(file), { 'b/c': 2 }, ['a']));
    const all = await readFile(file);
    const after = content(await loadBase(file));
    for (let length = whole.length; length <= all.length; length += 1) {
      await writeFile(file, all.subarray(0, length));
      expect(content(await loadBase(file))).toEqual(length === all.length ? after : before);
      expect((await readFile(file)).length).toBe(length === all.length ? all.length : whole.length);
    }
  });

  test('with a byte that was changed it is refused by name, whichever that is', async () => {
    const store = new BaseStore();
    await store.change(file, change(await store.load(file), { a: 1, 'b/c': 2 }));
    const bytes = await readFile(file);
    const before = content(await loadBase(file));
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      await writeFile(file, damaged);
      const loaded = await loadBase(file).catch((error: unknown) => error);
      // A length that reaches beyond the end looks like a change that was cut off.
      if (loaded instanceof WorkspaceBase) expect(content(loaded)).not.toEqual(before);
      else
        expect(loaded).toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', message: expect.stringContaining(file) });
    }
  });

  test('that is empty, or something else, is refused', async () => {
    for (const text of ['', '{}\n', 'recac base']) {
      await writeFile(file, text);
      await expect(loadBase(file)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE' });
    }
    await truncate(file, 0);
    await appendFile(file, 'x');
    await expect(new BaseStore().load(file)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE' });
  });
});

test('200 000 files on both sides are no objects: less than 130 bytes each, all told', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const files = 200_000;
  const before = used();
  const base = new WorkspaceBase();
  const there = new ManifestComparison(base.environment);
  for (let index = 0; index < files; index += 1) {
    const at = `packages/some-package-${Math.floor(index / 1_000)}/source/feature-${Math.floor(index / 100)}/component-${index}.ts`;
    const put: ManifestEntry = { type: 'file', mode: 0o644, size: index, modifiedNs: 1n, changedNs: 2n, inode: 3n };
    base.host.set(at, put);
    base.environment.set(at, put);
    there.add(at, put);
  }
  expect(base.host.size).toBe(files);
  expect((used() - before) / files).toBeLessThan(130);
  expect(there.finish(new IgnoreRules()).removed.size).toBe(0);
});
