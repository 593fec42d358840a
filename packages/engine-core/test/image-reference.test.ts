import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatImageReference, type ImageReference, parseImageReference } from '../src/image-reference.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseImageReference', () => {
  test.each<[string, ImageReference]>([
    ['node', { registry: 'docker.io', repository: 'library/node', tag: 'latest' }],
    ['node:24', { registry: 'docker.io', repository: 'library/node', tag: '24' }],
    ['me/agent', { registry: 'docker.io', repository: 'me/agent', tag: 'latest' }],
    ['docker.io/node', { registry: 'docker.io', repository: 'library/node', tag: 'latest' }],
    ['index.docker.io/me/agent', { registry: 'docker.io', repository: 'me/agent', tag: 'latest' }],
    ['example.com/a/b/c:v1.0_x-y', { registry: 'example.com', repository: 'a/b/c', tag: 'v1.0_x-y' }],
    ['localhost/agent', { registry: 'localhost', repository: 'agent', tag: 'latest' }],
    ['localhost:5000/agent:1', { registry: 'localhost:5000', repository: 'agent', tag: '1' }],
    ['[::1]:5000/agent', { registry: '[::1]:5000', repository: 'agent', tag: 'latest' }],
    ['[fe80:0:0:0:1:2:3:4]/agent', { registry: '[fe80:0:0:0:1:2:3:4]', repository: 'agent', tag: 'latest' }],
    ['EXAMPLE/agent', { registry: 'EXAMPLE', repository: 'agent', tag: 'latest' }],
    [`node@${digest}`, { registry: 'docker.io', repository: 'library/node', digest }],
    [`node:24@${digest}`, { registry: 'docker.io', repository: 'library/node', tag: '24', digest }],
    ['a__b/c--d/e.f_g', { registry: 'docker.io', repository: 'a__b/c--d/e.f_g', tag: 'latest' }],
    [`node:${'x'.repeat(128)}`, { registry: 'docker.io', repository: 'library/node', tag: 'x'.repeat(128) }],
  ])('reads %s', (text, reference) => {
    expect(parseImageReference(text)).toEqual(reference);
  });

  test.each<[unknown, RegExp]>([
    ['', /empty/],
    [7, /text/],
    ['Node', /lower-case repository. Did you mean node\?/],
    ['example.com/Me/Agent', /Did you mean example\.com\/me\/agent\?/],
    ['no de', /white space/],
    ['node:24\n', /begin or end with white space or a line end/],
    [' node', /begin or end/],
    ['no\u0000de', /control/],
    ['no\u202ede', /control or invisible/],
    [':tag', /repository before the tag/],
    ['example.com/:tag', /repository before the tag/],
    ['example.com/', /must have a repository/],
    ['node:', /tag after/],
    ['node:1:2', /one tag/],
    ['node:.hidden', /tag of letters/],
    [`node:${'x'.repeat(129)}`, /128/],
    ['node@sha256:abc', /64 hexadecimal digits after sha256: \(it has 3\)/],
    [`node@sha256:${'a'.repeat(65)}`, /it has 65/],
    [`node@sha256:${'A'.repeat(64)}`, /lower-case/],
    ['node@md5:abc', /form sha256/],
    ['node@', /form sha256/],
    [`node@${digest}@${digest}`, /one digest/],
    ['-rm', /begin with "-"/],
    ['--privileged', /begin with "-"/],
    ['https://example.com/agent', /scheme/],
    ['docker://node', /scheme/],
    ['user:hunter2@example.com/agent', /user name or password/],
    ['example.com:65536/agent', /port/],
    ['example.com:0/agent', /port/],
    ['example.com:http/agent', /port/],
    ['[::1/agent', /host/],
    ['[::1]x/agent', /form host/],
    ['[::g]/agent', /IPv6/],
    ['[1::2::3]/agent', /IPv6/],
    ['..', /path part/],
    ['../etc', /host/],
    ['a/../b', /path part/],
    ['a//b', /path part/],
    ['/node', /path part/],
    ['a/b/', /path part/],
    ['node-', /path part/],
    ['no___de', /path part/],
    ['$(id)', /path part/],
    ['nöde', /path part/],
    ['x'.repeat(256), /255 characters \(it has 256\)/],
    [digest, /image id/],
    [digest.slice(7), /image id/],
  ])('refuses %j', (text, rule) => {
    expectInvalidArgument(() => parseImageReference(text as string), 'image', rule);
  });

  test('never repeats a password', () => {
    expect(() => parseImageReference('user:hunter2@example.com/agent')).toThrow(/^(?!.*hunter2)/s);
  });

  test('reads back what formatImageReference writes', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/);
    const anyReference = fc.record(
      {
        registry: fc.constantFrom('docker.io', 'example.com', 'localhost:5000', '[::1]:80', 'r.example.org:443'),
        repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
        tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
        digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`),
      },
      { requiredKeys: ['registry', 'repository', 'tag'] },
    );
    fc.assert(
      fc.property(anyReference, (reference) => {
        expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
      }),
    );
  });

  test('refuses or reads any text, and what it reads is stable', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9:/@._[\]-]{1,30}$/)), (text) => {
        let reference: ImageReference;
        try {
          reference = parseImageReference(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
          return;
        }
        expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
      }),
      { numRuns: 500 },
    );
  });
});
