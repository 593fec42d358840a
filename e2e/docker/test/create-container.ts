import { requestDaemon } from '@recac/e2e-images';

/** Starts a container that sleeps. Gives its id. */
export async function createContainer(host: string, name: string): Promise<string> {
  const json = {
    Image: 'recac-test/busybox:1',
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: 'none', Init: true },
  };
  const created = await requestDaemon({ host, method: 'POST', path: `/containers/create?name=${name}`, json });
  if (created.status !== 201) throw new Error(created.body);
  const started = await requestDaemon({ host, method: 'POST', path: `/containers/${name}/start` });
  if (started.status !== 204) throw new Error(started.body);
  return JSON.parse(created.body).Id;
}
