import { runDocker } from './run-docker.ts';

const deadlineMs = 10_000;

/** True when the docker command is installed and has the plugin buildx. Nothing is sent anywhere. */
export async function hasBuildx(signal?: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.timeout(deadlineMs);
  try {
    const code = await runDocker(['buildx', 'version'], {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      onOutput: () => {},
    });
    return code === 0;
  } catch (error) {
    if (signal?.aborted) throw error;
    return false;
  }
}
