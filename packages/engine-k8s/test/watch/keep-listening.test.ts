import { expect, test } from 'vitest';
import { keepListening } from '../../src/watch/keep-listening.ts';
import { ObjectWatch } from '../../src/watch/object-watch.ts';
import { type Answer, failure, startServer } from '../api/test-server.ts';

test('a watch that is refused again and again is asked for ever more seldom', async () => {
  const askedAt: number[] = [];
  const refused = failure(403, 'Forbidden', 'pods is forbidden: User "me" cannot list resource "pods"');
  const answer: Answer = (...exchange) => {
    askedAt.push(performance.now());
    refused(...exchange);
  };
  await using server = await startServer(answer);
  const watch = new ObjectWatch({ client: server.client, path: '/pods', query: {}, project: (object) => object });
  const end = keepListening(() => watch, { onChange: () => {} });
  await expect.poll(() => askedAt.length, { timeout: 20_000 }).toBe(3);
  end();
  watch.close();
  const [first = 0, second = 0, third = 0] = askedAt;
  expect(second - first).toBeGreaterThan(1_900);
  expect(third - second).toBeGreaterThan(3_900);
});
