import { RecacError } from '@recac/engine-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHost, parseHost } from '../../src/daemon/parse-host.ts';

const parse = (text: string) => parseHost(text, { platform: 'linux' });

describe('parseHost', () => {
  test.each([
    ['unix:///run/docker.sock', 'unix:///run/docker.sock'],
    [' unix:///with space/%41 ', 'unix:///with space/%41'],
    ['unix://', 'unix:///var/run/docker.sock'],
    ['tcp://h', 'tcp://h:2375'],
    ['tcp://h:1/', 'tcp://h:1'],
    ['h:1', 'tcp://h:1'],
    [':1', 'tcp://localhost:1'],
    ['tcp://[::1]:99', 'tcp://[::1]:99'],
    ['TCP://h:1', 'tcp://h:1'],
    ['ssh://h', 'ssh://h'],
    ['ssh://user@h:22', 'ssh://user@h:22'],
    ['ssh://user@[::1]:22/', 'ssh://user@[::1]:22'],
    ['ssh://h/run/user/1000/docker.sock', 'ssh://h/run/user/1000/docker.sock'],
  ])('reads %j as %s', (text, written) => {
    expect(formatHost(parse(text))).toBe(written);
    expect(parse(written)).toEqual(parse(text));
  });

  test('reads named pipes on Windows, and only there', () => {
    const pipe = (text: string) => formatHost(parseHost(text, { platform: 'win32' }));
    expect(pipe('npipe:////./pipe/docker_engine')).toBe('npipe:////./pipe/docker_engine');
    expect(pipe('npipe://\\\\.\\pipe\\docker_engine')).toBe('npipe:////./pipe/docker_engine');
    expect(pipe('npipe://')).toBe('npipe:////./pipe/docker_engine');
    expect(() => pipe('npipe://relative')).toThrow(/is no named pipe/);
    expect(() => parse('npipe:////./pipe/docker_engine')).toThrow(/only Windows/);
  });

  test.each([
    'unix://relative/path',
    'http://h:1',
    'https://h:1',
    'fd://',
    'tcp://h:1/prefix',
    'tcp://h:0',
    'tcp://h:70000',
    'tcp://h:port',
    'tcp://::1',
    'ssh://-oProxyCommand=x',
    'ssh://-l@h',
    'ssh://%2doProxy@h',
    'ssh://h;touch x',
    'ssh://h/$(touch x)',
    'ssh://h?query',
    'ssh://',
    'tcp://a b:1',
  ])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(RecacError);
  });

  test.each([
    'tcp://user:hunter2@h:1',
    'ssh://user:hunter2@h',
    'user:hunter2@h',
    'http://user:hunter2@h',
    'tcp://user:hun@ter2@h:1',
    'ssh://user:hunter2/@h/x',
  ])('never repeats the password in %j', (text) => {
    expect(() => parse(text)).toThrow(expect.not.objectContaining({ message: expect.stringMatching(/hunter|ter2/) }));
  });

  test('any text is read or refused, and what was read is stable', () => {
    const scheme = fc.constantFrom('', 'unix://', 'tcp://', 'ssh://', 'npipe://');
    const property = fc.property(scheme, fc.string(), (prefix, text) => {
      try {
        const target = parse(prefix + text);
        expect(parse(formatHost(target))).toEqual(target);
      } catch (error) {
        if (!RecacError.isInstance(error)) throw error;
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
