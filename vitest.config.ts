import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['konductor-source'] };
const shared = { resolve, ssr: { resolve } };

export default defineConfig({
  ...shared,
  test: {
    globalSetup: './test/support/require-node-24.ts',
    reporters: ['default', 'json'],
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
