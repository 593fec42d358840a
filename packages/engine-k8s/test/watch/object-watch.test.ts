import { describe, expect, test } from 'vitest';
import { ObjectWatch } from '../../src/watch/object-watch.ts';
import { type Answer, failure, json, startServer, type TestServer } from '../api/test-server.ts';

interface Thing {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

const thing = (uid: string, version: number): Thing => ({ metadata: { uid, resourceVersion: String(version) } });

function list(version: number, ...items: readonly Thing[]): Answer {
  return json(200, { metadata: { resourceVersion: String(version) }, items });
}

function stream(...lines: readonly object[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
}

const bookmark = (version: number): object => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version) } },
});

/** A watch that goes on without an event. */
const silent: Answer = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
};

async function withWatch(
  answers: readonly Answer[],
  run: (given: { watch: ObjectWatch<Thing>; told: string[]; server: TestServer }) => Promise<void>,
  options: { readonly onlyNew?: boolean } = {},
): Promise<void> {
  await using server = await startServer(...answers);
  const watch = new ObjectWatch<Thing>({
    client: server.client,
    path: '/api/v1/things',
    query: { labelSelector: 'a=b' },
    project: (object) => object,
    ...options,
  });
  const told: string[] = [];
  watch.listen({
    onChange: ({ type, object }) => told.push(`${type} ${object.metadata.uid}`),
    onFailure: (error) => told.push(`failed ${(error as { code: string }).code}`),
  });
  try {
    await run({ watch, told, server });
  } finally {
    watch.close();
  }
}

function queries({ requests }: TestServer): readonly string[] {
  return requests.map((request) => {
    const query = new URL(request.split(' ')[1] ?? '', 'http://server').searchParams;
    return query.get('watch') === 'true' ? `watch ${query.get('resourceVersion')}` : 'list';
  });
}

describe('a watch', () => {
  test('resumes where it ended, by bookmarks as well, without a list', async () => {
    const answers = [list(10, thing('a', 5)), stream({ type: 'ADDED', object: thing('b', 11) }, bookmark(15)), silent];
    await withWatch(answers, async ({ watch, told, server }) => {
      await watch.synced;
      await expect.poll(() => queries(server)).toEqual(['list', 'watch 10', 'watch 15']);
      expect(told).toEqual(['ADDED a', 'ADDED b']);
    });
  });

  test('of what is new only: a list of one tells the version, and what is in it is not told', async () => {
    const first = json(200, { metadata: { resourceVersion: '10', continue: 'more' }, items: [thing('a', 5)] });
    const answers = [first, stream({ type: 'ADDED', object: thing('b', 11) }), silent];
    await withWatch(
      answers,
      async ({ told, server }) => {
        await expect.poll(() => queries(server)).toEqual(['list', 'watch 10', 'watch 11']);
        expect(server.requests[0]).toMatch(/limit=1$/);
        expect(told).toEqual(['ADDED b']);
      },
      { onlyNew: true },
    );
  });

  test('a version that is too old is answered by one list, and the difference is told', async () => {
    const tooOld = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    const before = [list(10, thing('a', 5), thing('b', 6)), stream(bookmark(15)), stream(tooOld)];
    const answers = [...before, list(40, thing('b', 6), thing('c', 30)), silent];
    await withWatch(answers, async ({ told, server }) => {
      await expect.poll(() => queries(server)).toEqual(['list', 'watch 10', 'watch 15', 'list', 'watch 40']);
      expect(told).toEqual(['ADDED a', 'ADDED b', 'ADDED c', 'DELETED a']);
    });
  });

  test('an answer of 410 to the watch itself is the same', async () => {
    const gone = failure(410, 'Expired', 'too old resource version');
    await withWatch([list(10), gone, list(20, thing('a', 15)), silent], async ({ told, server }) => {
      await expect.poll(() => queries(server)).toEqual(['list', 'watch 10', 'list', 'watch 20']);
      expect(told).toEqual(['ADDED a']);
    });
  });

  test('a server that fails for a while is asked again from the same version', async () => {
    const busy = failure(500, 'InternalError', 'starting');
    await withWatch([list(10), busy, stream({ type: 'broken' }), silent], async ({ server }) => {
      await expect.poll(() => queries(server)).toEqual(['list', 'watch 10', 'watch 10', 'watch 10']);
    });
  });

  test('a right that is gone ends it, and is told', async () => {
    const forbidden = failure(403, 'Forbidden', 'things is forbidden: User "me" cannot watch resource "things"');
    await withWatch([list(10), forbidden], async ({ watch, told }) => {
      await expect.poll(() => told).toEqual(['failed RECAC_PERMISSION_DENIED']);
      expect(watch.isOpen).toBe(false);
    });
  });

  test('a long list comes in pages', async () => {
    const first = json(200, { metadata: { resourceVersion: '10', continue: 'next' }, items: [thing('a', 5)] });
    await withWatch([first, list(10, thing('b', 6)), silent], async ({ watch, told, server }) => {
      await watch.synced;
      expect(told).toEqual(['ADDED a', 'ADDED b']);
      expect(server.requests[1]).toContain('continue=next');
    });
  });

  test('several listeners share it', async () => {
    await withWatch([list(10, thing('a', 5)), silent], async ({ watch, server }) => {
      const ends = Array.from({ length: 50 }, () => watch.listen({ onChange: () => {} }));
      await watch.synced;
      for (const end of ends) end();
      await expect.poll(() => queries(server)).toEqual(['list', 'watch 10']);
    });
  });
});
