import { expect, test } from 'vitest';
import { createApiClient } from '../../src/api/create-api-client.ts';
import { type Answer, failure, json, startServer } from './test-server.ts';

const signal = new AbortController().signal;
const pods = '/api/v1/namespaces/default/pods';
const busy = failure(429, 'TooManyRequests', 'slow down', { retryAfterSeconds: 1 });

test('an answer is its JSON, a query repeats names, and a body is sent as JSON', async () => {
  await using server = await startServer((request, response, body) => {
    response.end(JSON.stringify({ url: request.url, type: request.headers['content-type'], body: JSON.parse(body) }));
  });
  const answer = await server.client.request({
    method: 'POST',
    path: pods,
    query: { command: ['a b', 'c&d'], gone: undefined },
    body: { x: 1 },
    signal,
  });
  expect(answer).toEqual({ url: `${pods}?command=a+b&command=c%26d`, type: 'application/json', body: { x: 1 } });
});

test.each([
  [
    403,
    failure(403, 'Forbidden', 'pods is forbidden: User "x" cannot list resource "pods" in API group ""'),
    'RECAC_PERMISSION_DENIED',
  ],
  [422, failure(422, 'Invalid', 'Job is invalid'), 'RECAC_INVALID_ARGUMENT'],
  [409, failure(409, 'AlreadyExists', 'it exists'), 'RECAC_ENVIRONMENT_CONFLICT'],
  [
    200,
    json(200, { kind: 'Status', status: 'Failure', code: 500, message: 'said with 200' }),
    'RECAC_ENGINE_UNAVAILABLE',
  ],
] as const)('%i is an error with its code', async (_, answer, code) => {
  await using server = await startServer(answer);
  const asking = server.client.request({ method: 'POST', path: pods, signal, timeoutMs: 2_000 });
  await expect(asking).rejects.toMatchObject({ code });
});

const unavailable = 'pods is forbidden: failed quota: q: cannot be changed while it is full';
const webhook = 'admission webhook "w" denied the request: images cannot come from elsewhere';
const right = 'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"';
test.each([
  ['a quota', failure(403, 'Forbidden', unavailable), 'admission', unavailable],
  ['a webhook', failure(403, 'Forbidden', webhook), 'admission', webhook],
  ['a Status without words', failure(403, 'Forbidden', ''), 'admission', 'it gives no reason'],
  ['a proxy', html(403, '<h1>You cannot go there</h1>'), 'proxy', 'a proxy before the API server'],
  ['a proxy, its words', html(403, '<h1>You cannot go there</h1>'), 'proxy', 'You cannot go there'],
  ['the authorizer', failure(403, 'Forbidden', right), 'authorization', right],
])('403 of %s tells who refuses, and its words', async (_, answer, refusedBy, words) => {
  await using server = await startServer(answer);
  await expect(server.client.request({ method: 'GET', path: pods, signal })).rejects.toMatchObject({
    code: 'RECAC_PERMISSION_DENIED',
    message: expect.stringContaining(words),
    details: { refusedBy },
  });
});

test('503 is tried again for what may be asked twice, and only for that', async () => {
  await using reading = await startServer(failure(503, 'ServiceUnavailable', 'starting'), json(200, { ok: true }));
  expect(await reading.client.request({ method: 'GET', path: pods, signal })).toEqual({ ok: true });
  await using writing = await startServer(failure(503, 'ServiceUnavailable', 'starting'), json(200, { ok: true }));
  await expect(writing.client.request({ method: 'POST', path: pods, signal })).rejects.toThrow(/503/);
  expect(writing.requests).toHaveLength(1);
});

test('429 waits as told, for every method', async () => {
  await using server = await startServer(busy, json(200, { ok: true }));
  expect(await server.client.request({ method: 'POST', path: pods, signal })).toEqual({ ok: true });
  expect(server.requests).toHaveLength(2);
});

test('401 renews the credentials once, and then says that they are not accepted', async () => {
  const denied = failure(401, 'Unauthorized', 'Unauthorized');
  await using renewed = await startServer(denied, (request, response) => {
    response.end(JSON.stringify({ token: request.headers.authorization }));
  });
  expect(await renewed.client.request({ method: 'GET', path: pods, signal })).toEqual({ token: 'Bearer token-1' });
  await using refused = await startServer(denied);
  await expect(refused.client.request({ method: 'GET', path: pods, signal })).rejects.toMatchObject({
    code: 'RECAC_PERMISSION_DENIED',
    message: expect.stringContaining('not authenticated'),
  });
  expect([refused.requests.length, refused.renewals()]).toEqual([2, 1]);
});

test.each([
  ['an HTML page', '<html><body>login here</body></html>'],
  ['nothing', ''],
])('%s instead of JSON is an error, not an empty list', async (_, text) => {
  await using server = await startServer((_request, response) => response.end(text));
  await expect(server.client.request({ method: 'GET', path: pods, signal })).rejects.toMatchObject({
    code: 'RECAC_ENGINE_UNAVAILABLE',
  });
});

test('a redirect is not followed: credentials go to no other host', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(302, { Location: 'http://127.0.0.1:1/elsewhere' });
    response.end();
  });
  await expect(server.client.request({ method: 'GET', path: pods, signal })).rejects.toMatchObject({
    code: 'RECAC_ENGINE_UNAVAILABLE',
  });
  expect(server.requests).toHaveLength(1);
});

test('lines arrive whole however they are cut, and a broken line is an error', async () => {
  const text = '{"a":"ä"}\n{"b":2}\n';
  await using server = await startServer((_request, response) => {
    const bytes = Buffer.from(text);
    response.write(bytes.subarray(0, 7));
    setTimeout(() => response.end(bytes.subarray(7)), 20);
  });
  const lines: string[] = [];
  for await (const line of server.client.lines({ method: 'GET', path: pods, signal })) lines.push(line);
  expect(lines).toEqual(['{"a":"ä"}', '{"b":2}']);
  await using breaking = await startServer((_request, response) => {
    response.write('{"a":1}\n');
    setTimeout(() => response.destroy(), 20);
  });
  const broken = async (): Promise<void> => {
    for await (const _ of breaking.client.lines({ method: 'GET', path: pods, signal }));
  };
  await expect(broken()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
});

test('an upgrade that is refused says why', async () => {
  await using refusing = await startServer(failure(403, 'Forbidden', 'no'));
  const path = `${pods}/x/exec`;
  const opening = refusing.client.upgrade({ path, protocols: ['v5.channel.k8s.io'], timeoutMs: 2_000, signal });
  await expect(opening).rejects.toThrow();
});

test('a server that is not there is named, and a call that is cancelled ends at once', async () => {
  const client = createApiClient({
    server: new URL('http://127.0.0.1:1'),
    contextName: 'nobody',
    credentials: async () => ({ headers: {} }),
  });
  await expect(client.request({ method: 'GET', path: pods, signal, timeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'RECAC_ENGINE_UNAVAILABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  });
  client.close();
  await using hanging = await startServer(() => {});
  const cancel = new AbortController();
  const asking = hanging.client.request({ method: 'GET', path: pods, signal: cancel.signal });
  setTimeout(() => cancel.abort(), 50);
  await expect(asking).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
});

function html(status: number, body: string): Answer {
  return (_request, response) => void response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
}

test('the time that somebody takes to log in is not that of the call', async () => {
  await using server = await startServer(json(200, { fine: true }));
  const { server: address } = server.client.access;
  let logins = 0;
  const client = createApiClient({
    server: address,
    contextName: 'slow',
    credentials: async () => {
      logins += 1;
      await new Promise((resolve) => setTimeout(resolve, 700));
      return { headers: {} };
    },
  });
  expect(await client.request({ method: 'GET', path: pods, signal, timeoutMs: 500 })).toEqual({ fine: true });
  const cancelled = client.request({ method: 'GET', path: pods, signal: AbortSignal.timeout(100), timeoutMs: 500 });
  await expect(cancelled).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
  expect(logins).toBe(2);
  client.close();
});
