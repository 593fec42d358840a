// Starts a daemon with a running container, prints its address and the container's id, and waits to be killed.
import { testImages } from '@recac/e2e-images';
import { startDaemon } from '../src/start-daemon.ts';
import { createContainer } from './create-container.ts';

const daemon = await startDaemon({ images: testImages.slice(0, 1), flags: ['--live-restore'] });
console.log(daemon.host, await createContainer(daemon.host, 'one'));
setInterval(() => {}, 60_000);
