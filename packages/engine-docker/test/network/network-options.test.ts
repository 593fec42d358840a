import { expect, test } from 'vitest';
import { createDockerEngine } from '../../src/index.ts';

test.each(['203.0.113.0/24', 'build.example', '203.0.113.300', '', '::1', '203.0.113.1:53'])(
  'an address that would not be blocked, or asked, is refused before anything is done: %s',
  async (address) => {
    for (const name of ['hostAddresses', 'dnsServers']) {
      const network = { [name]: ['203.0.113.1', address] };
      await using engine = createDockerEngine({ host: 'unix:///nonexistent/docker.sock', network });
      const refused = { code: 'RECAC_INVALID_ARGUMENT', details: { field: `network.${name}` } };
      await expect(engine.init()).rejects.toMatchObject(refused);
    }
  },
);
