import { describeDocker } from '@recac/e2e-docker';
import { workspaceConformance } from '@recac/engine-conformance';
import { createDockerEngine } from '@recac/engine-docker';
import { describe, test } from 'vitest';
import { containerWorkspaces } from '../workspaces-under-test.ts';

for (const { name, ...workspace } of containerWorkspaces) {
  describeDocker(`${name} on Docker`, ({ host }) => {
    const createEngine = () => createDockerEngine({ host });
    workspaceConformance({ describe, test, createEngine, ...workspace });
  });
}
