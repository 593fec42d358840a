import { describe, expect, test } from 'vitest';
import { resolveUser } from '../src/resolve-user.ts';

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1001::/home/agent:/bin/sh\n',
  group: 'root:x:0:\nstaff:x:50:\n',
};

describe('users of an environment', () => {
  test.each([
    ['agent', '1000:1001', '/home/agent', 'agent'],
    ['1000', '1000:1001', '/home/agent', 'agent'],
    ['agent:staff', '1000:50', '/home/agent', 'agent'],
    ['agent:7', '1000:7', '/home/agent', 'agent'],
    ['12345', '12345:12345', '/', '12345'],
    ['12345:6', '12345:6', '/', '12345'],
    ['root', '0:0', '/root', 'root'],
  ])('%s is %s', (text, id, home, name) => {
    expect(resolveUser(text, files)).toMatchObject({
      id,
      environmentVariables: { HOME: home, USER: name, LOGNAME: name },
    });
  });

  test.each(['nobody', 'agent:nobody', '2147483648', '0:99999999999'])('%s is refused', (text) => {
    expect(() => resolveUser(text, files)).toThrow(expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT' }));
  });

  test('digits are an id, also where they are the name of root', () => {
    const passwd = `1000:x:0:0::/root:/bin/sh\n${files.passwd}`;
    expect(resolveUser('1000', { ...files, passwd }).id).toBe('1000:1001');
  });

  test('an image without user files takes numbers only', () => {
    const none = { passwd: '', group: '' };
    expect(resolveUser('5:6', none).id).toBe('5:6');
    expect(() => resolveUser('root', none)).toThrow(/does not know/);
  });
});
