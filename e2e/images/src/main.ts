// Imports the test images into a daemon: `node e2e/images/src/main.ts unix:///run/docker.sock`.
import process from 'node:process';
import { importImages } from './import-images.ts';
import { testImages } from './test-images.ts';

const host = process.argv[2] ?? process.env.RECAC_TEST_DOCKER_HOST;
if (host === undefined) {
  console.error('Usage: node e2e/images/src/main.ts <host of a daemon, such as unix:///run/docker.sock>');
  process.exitCode = 2;
} else {
  const started = performance.now();
  const imported = await importImages(host, testImages);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${imported.length} of ${testImages.length} images imported in ${seconds} s: ${imported.join(', ') || 'none'}`,
  );
}
