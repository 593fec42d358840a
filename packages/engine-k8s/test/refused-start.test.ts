import { expect, test } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';

/** A cluster without claims, in which everything is allowed. */
const answer: Answer = (request, response, body) => {
  const isClaim = request.url?.includes('/persistentvolumeclaims') === true;
  const isLookedFor = isClaim && request.method === 'GET';
  const facts = isClaim ? JSON.parse(body || '{}') : { gitVersion: 'v1.36.0', status: { allowed: true }, items: [] };
  const said = isLookedFor ? failure(404, 'NotFound', 'persistentvolumeclaims "work" not found') : json(201, facts);
  said(request, response, body);
};

test.each([
  ['user', { user: 'node' }, {}],
  ['kubernetes.pod_template', {}, { podTemplate: { spec: { restartPolicy: 'Always' } } }],
] as const)(
  'what cannot be a Job because of %s is refused before a claim is made for it, which nothing would remove',
  async (field, spec, settings) => {
    await using server = await startServer(answer);
    await using engine = createKubernetesEngine({ access: server.client.access, namespace: 'agents', ...settings });
    const workspace = { type: 'persistentVolumeClaim', claimName: 'work', storage: { size: '1Gi' } } as const;
    const starting = engine.startEnvironment({ sessionId: 'x', image: 'x:1', workspace, ...spec });
    const details = expect.objectContaining({ field: expect.stringContaining(field) });
    await expect(starting).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', details });
    expect(server.requests.filter((request) => request.startsWith('POST') && request.includes('claims'))).toEqual([]);
  },
);
