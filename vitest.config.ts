import { defineConfig } from 'vitest/config';

const conditions = ['@recac/source', 'module', 'node', 'development|production'];

/** One configuration for all tests. Workspace packages resolve to their sources, so no build is needed. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@recac/source', 'node'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'e2e/scenarios/test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    passWithNoTests: true,
  },
});
