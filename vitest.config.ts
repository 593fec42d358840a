import { defineConfig } from 'vitest/config';

const conditions = ['@recac/source', 'module', 'node', 'development|production'];
const needsDaemon = [
  'packages/engine-docker/test/**/*.test.ts',
  '{packages,apps,e2e}/*/test/docker/**/*.test.ts',
  'e2e/docker/test/**/*.test.ts',
  'e2e/faults/test/*.test.ts',
];
const needsCluster = [
  'packages/engine-k8s/test/{conformance,environment,exec}*.test.ts',
  '{packages,apps,e2e}/*/test/kubernetes/**/*.test.ts',
];

/**
 * One configuration for all tests. Workspace packages resolve to their sources, so no build is needed. The tests of the
 * project `docker` share a daemon, and those of
 * `kubernetes` a cluster, which is started only when one of them is in the run.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@recac/source', 'node'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 60_000,
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'host',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'e2e/*/test/**/*.test.ts'],
          exclude: [...needsDaemon, ...needsCluster],
        },
      },
      {
        extends: true,
        test: { name: 'docker', include: needsDaemon, globalSetup: './e2e/docker/src/vitest-setup.ts' },
      },
      {
        extends: true,
        test: { name: 'kubernetes', include: needsCluster, globalSetup: './e2e/cluster/src/vitest-setup.ts' },
      },
    ],
  },
});
