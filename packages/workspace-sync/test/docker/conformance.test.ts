import { describeDocker } from '@recac/e2e-docker';
import { workspaceConformance } from '@recac/engine-conformance';
import { createDockerEngine } from '@recac/engine-docker';
import { describe, test } from 'vitest';
import { createBind, createGit, createUpload } from '../workspaces-under-test.ts';

describeDocker('upload on Docker', ({ host }) => {
  const createEngine = () => createDockerEngine({ host });
  workspaceConformance({ describe, test, createEngine, createWorkspace: createUpload, image: 'recac-test/busybox:1' });
});

describeDocker('git on Docker', ({ host }) => {
  const createEngine = () => createDockerEngine({ host });
  workspaceConformance({ describe, test, createEngine, createWorkspace: createGit, image: 'recac-test/debian:1' });
});

describeDocker('bind on Docker', ({ host }) => {
  const createEngine = () => createDockerEngine({ host });
  workspaceConformance({
    describe,
    test,
    createEngine,
    createWorkspace: createBind,
    sharesDirectory: true,
    image: 'recac-test/busybox:1',
  });
});
