import { toEnvironmentName } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { type Claim, type ClaimUser, checkClaim, placeOnClaim } from '../../src/job/claim.ts';

const mount = { type: 'persistentVolumeClaim', claimName: 'work', subPath: 'recac/a' } as const;
const claim = (mode: string, change: Partial<Claim> = {}): Claim => ({
  metadata: { name: 'work', uid: '1' },
  spec: { accessModes: [mode] },
  status: { phase: 'Bound' },
  ...change,
});

const ours = (sessionId: string) => ({
  labels: { 'recac.dev/managed': 'true', 'recac.dev/name': toEnvironmentName(sessionId) },
  annotations: { 'recac.dev/session': sessionId },
});
const user = (name: string, nodeName: string | undefined, change: Partial<ClaimUser> & { subPath?: string } = {}) => {
  const { subPath, metadata, ...others } = change;
  const volumeMount = { name: 'w', ...(subPath === undefined ? {} : { subPath }) };
  const spec = {
    ...(nodeName === undefined ? {} : { nodeName }),
    volumes: [{ name: 'w', persistentVolumeClaim: { claimName: 'work' } }],
    containers: [{ volumeMounts: [volumeMount] }],
  };
  return { metadata: { name, uid: name, ...metadata }, spec, status: { phase: 'Running' }, ...others } as ClaimUser;
};
const place = (mode: string, ...pods: readonly ClaimUser[]) =>
  placeOnClaim(claim(mode), mount, { sessionId: 'a', pods, coming: [] });

test.each([
  ['ClaimMissing', undefined],
  ['ClaimDeleting', claim('ReadWriteOnce', { metadata: { name: 'work', uid: '1', deletionTimestamp: 'now' } })],
  ['ClaimLost', claim('ReadWriteOnce', { status: { phase: 'Lost' } })],
  ['ClaimReadOnly', claim('ReadOnlyMany')],
] as const)('%s is refused', (reason, found) => {
  expect(() => checkClaim(found, mount, 'agents')).toThrow(
    expect.objectContaining({ code: 'RECAC_WORKSPACE_UNAVAILABLE', details: expect.objectContaining({ reason }) }),
  );
});

test('one that waits for its first pod is fine', () => {
  expect(() => checkClaim(claim('ReadWriteOnce', { status: { phase: 'Pending' } }), mount, 'agents')).not.toThrow();
});

test('a claim of one node is used where its other users are; one of many nodes anywhere', () => {
  expect(place('ReadWriteOnce')).toBeUndefined();
  expect(place('ReadWriteOnce', user('x', 'node-1'), user('y', 'node-1'))).toBe('node-1');
  expect(place('ReadWriteOnce', user('x', undefined))).toBeUndefined();
  expect(place('ReadWriteMany', user('x', 'node-1'))).toBeUndefined();
  expect(place('ReadWriteOnce', user('x', 'node-1'), user('y', 'node-2'))).toBeUndefined();
});

test('pods that have ended, or are going, do not count', () => {
  const going = { metadata: { name: 'x', uid: 'x', deletionTimestamp: 'now' } };
  expect(place('ReadWriteOnce', user('x', 'node-1', { status: { phase: 'Succeeded' } }))).toBeUndefined();
  expect(place('ReadWriteOncePod', user('x', 'node-1', going))).toBeUndefined();
});

test('a claim for one pod is refused while another has it', () => {
  expect(() => place('ReadWriteOncePod', user('x', 'node-1'))).toThrow(
    expect.objectContaining({
      code: 'RECAC_WORKSPACE_CONFLICT',
      message: expect.stringMatching(/ReadWriteOncePod.* x /),
    }),
  );
});

test.each([
  ['the same directory', 'recac/a'],
  ['one inside', 'recac/a/b'],
  ['one above', 'recac'],
  ['the root', undefined],
  ['the same, written otherwise', './recac//a/'],
] as const)('another session in %s is a conflict', (_, subPath) => {
  const other = user('x', 'node-1', {
    metadata: { name: 'x', uid: 'x', ...ours('b') },
    ...(subPath === undefined ? {} : { subPath }),
  });
  expect(() => place('ReadWriteMany', other)).toThrow(/session "b" works in the same directory/);
});

test('no conflict with itself, with a directory beside, or with pods that are not ours', () => {
  const beside = user('x', 'node-1', { metadata: { name: 'x', uid: 'x', ...ours('b') }, subPath: 'recac/ab' });
  const itself = user('y', 'node-1', { metadata: { name: 'y', uid: 'y', ...ours('a') }, subPath: 'recac/a' });
  expect(place('ReadWriteMany', beside, itself, user('z', 'node-1'))).toBeUndefined();
});
