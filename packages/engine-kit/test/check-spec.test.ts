import type { EngineCapabilities, EnvironmentSpec } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { checkSpec } from '../src/check-spec.ts';

const capabilities: EngineCapabilities = {
  isolation: 'container',
  durableExec: true,
  escapeeSweep: true,
  execAsUser: true,
  terminal: true,
  images: true,
  listImages: true,
  buildImage: true,
  renderEnvironment: true,
  openPort: true,
  resourceLimits: true,
  networkPresets: true,
  bindMount: true,
  keptWorkspaces: true,
  persistentVolumeClaimMount: true,
};
const good: EnvironmentSpec = { sessionId: 'test', image: 'busybox' };
const check = (overrides: object, able: Partial<EngineCapabilities> = {}) =>
  checkSpec('test', { ...capabilities, ...able }, { ...good, ...overrides });

test.each<[string, string, object]>([
  ['network', 'another spelling, which a backend would take for no preset at all', { network: 'None' }],
  ['pullPolicy', 'that of Kubernetes', { pullPolicy: 'Always' }],
  ['platform', 'an architecture alone', { platform: 'arm64' }],
  ['image', 'white space', { image: 'a b' }],
  ['image', 'no text', { image: 42 }],
  ['workspace.type', 'another spelling', { workspace: { type: 'Bind', hostPath: '/' } }],
  ['resources.limits.memory', 'a limit of 0, which means none to Docker', { resources: { limits: { memory: '0' } } }],
  ['resources.limits.cpu', 'no amount', { resources: { limits: { cpu: 'much' } } }],
  ['resources.limits.mem', 'an unknown name', { resources: { limits: { mem: '1Gi' } } }],
  ['resources.limit', 'an unknown name', { resources: { limit: {} } }],
  ['resources', 'no object', { resources: '1Gi' }],
  [
    'resources.requests.memory',
    'a request above the limit',
    { resources: { requests: { memory: '1Gi' }, limits: { memory: '1G' } } },
  ],
])('%s is refused: %s', (field, _what, overrides) => {
  expect(() => check(overrides)).toThrow(
    expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details: expect.objectContaining({ field }) }),
  );
});

test.each<object>([
  {},
  { network: 'internet', pullPolicy: 'never', platform: 'linux/arm/v7' },
  { image: `sha256:${'0'.repeat(64)}` },
  { resources: { requests: { cpu: '0', memory: '1Gi' }, limits: { cpu: '500m', memory: '1024Mi' } } },
  { workspace: { type: 'persistentVolumeClaim', claimName: 'claim' } },
])('%j is allowed', (overrides) => {
  expect(() => check(overrides)).not.toThrow();
});

test.each<[keyof EngineCapabilities, object]>([
  ['execAsUser', { user: 'nobody' }],
  ['resourceLimits', { resources: {} }],
  ['networkPresets', { network: 'none' }],
  ['bindMount', { workspace: { type: 'bind', hostPath: '/' } }],
  ['keptWorkspaces', { workspace: { type: 'kept', id: 'some' } }],
])('without %s the error says what to do instead', (capability, overrides) => {
  expect(() => check(overrides, { [capability]: false })).toThrow(
    expect.objectContaining({
      code: 'RECAC_CAPABILITY_UNSUPPORTED',
      message: expect.stringMatching(/^the test engine does not support \w+\. \S.*\.$/),
    }),
  );
});
