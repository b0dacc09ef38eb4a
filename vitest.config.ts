import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['konductor-source'] };
const shared = { resolve, ssr: { resolve } };

export default defineConfig({
  ...shared,
  test: {
    globalSetup: './test/support/require-node-24.ts',
    reporters: ['default', 'json'],
    // Most files wait for servers and timers rather than compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      {
        ...shared,
        test: { name: 'unit', include: ['test/{schema,client,operator,cli,cdk8s,repository,support}/**/*.test.ts'] },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['test/{control-plane,integration,faults,demo}/**/*.test.ts'],
          globalSetup: './test/support/shared-control-plane.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
