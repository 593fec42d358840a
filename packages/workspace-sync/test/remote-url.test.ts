import { expect, test } from 'vitest';
import { checkRemoteUrl } from '../src/git/remote-url.ts';

test.each([
  'https://example.com/team/project.git',
  'http://127.0.0.1:8080/project',
  'ssh://git@example.com:2222/project.git',
  'git://[::1]:9418/project',
  'git@example.com:team/project.git',
  'example.com:project',
])('%s is an address', (url) => {
  expect(checkRemoteUrl(url)).toBe(url);
});

test.each([
  ['', /empty/],
  ['ext::sh -c id', /white space|remote helper/],
  ['ext::id', /remote helper/],
  ['file:///etc', /not file/],
  ['/srv/project', /not a path/],
  ['../project', /not a path/],
  ['-u/tmp/x:y', /begin with a dash/],
  ['--upload-pack=id', /begin with a dash/],
  ['http://user:hunter2@example.com/x', /must not hold a user, password or token/],
  ['https://ghp_hunter2@example.com/x', /must not hold a user, password or token/],
  ['ssh://git:hunter2@example.com/x', /must not hold a user, password or token/],
  ['https://example.com/x\nevil', /line end/],
  ['https:///x', /no address|name a host|host/],
  ['ssh://-oProxyCommand=id/x', /no address|begins with a dash/],
  ['ssh://-oProxyCommand=id@example.com/x', /begins with a dash/],
  ['-oProxyCommand=id@example.com:x', /begin with a dash/],
  ['git@-oProxyCommand=id:x', /begins with a dash/],
  ['git@example.com:-x', /begins with a dash/],
  ['javascript://example.com/x', /not javascript/],
])('%j is refused, and no secret is shown', (url, rule) => {
  const error = (() => {
    try {
      return checkRemoteUrl(url);
    } catch (reason) {
      return reason;
    }
  })();
  expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', details: { field: 'workspace.remote' } });
  expect((error as Error).message).toMatch(rule);
  expect((error as Error).message).not.toContain('hunter2');
});
