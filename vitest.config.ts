import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** For the busiest of machines: what hangs fails by a deadline of its own before. */
const PATIENCE_MS = 120_000;

const resolve = { conditions: ['konductor-source'] };
const shared = { resolve, ssr: { resolve } };
const limits = { testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  ...shared,
  test: {
    globalSetup: './test/support/processes/require-node-24.ts',
    reporters: ['default', 'json'],
    // Most files wait for servers and timers rather than compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    teardownTimeout: PATIENCE_MS,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // Files of pure code share what they load.
          isolate: false,
          include: ['test/{schema,client,operator,cli,cdk8s,repository,support}/**/*.test.ts'],
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          // One start of Node and one import of everything for each worker in place of each file.
          isolate: false,
          include: ['test/{control-plane,integration,faults,demo}/**/*.test.ts'],
          exclude: ['test/faults/long/**'],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          // What proves the more the longer it runs: it does more here than in the project above (see inLongRun).
          isolate: false,
          include: [
            'test/faults/long/*.test.ts',
            'test/faults/{exactly-once,random-faults,worker-crowd,workers-model}.test.ts',
            'test/integration/{client/contention,crd/hostile-statuses,operator/mass-deadline}.test.ts',
          ],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: true },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'release',
          // What is published, as its users get it: packages, images, charts, and what comes with them.
          include: ['test/release/**/*.test.ts'],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'minors',
          // What depends on the API server: run against another minor version of Kubernetes by npm run test:minors.
          isolate: false,
          include: [
            'test/minors/*.test.ts',
            'test/integration/crd/{spec-guards,status-guards,worker-guards,durations}.test.ts',
            'test/integration/install/{completion,workers}-policy.test.ts',
            'test/integration/koncli/{waiting,add-create,workers/verbs}.test.ts',
            'test/integration/labels/counted-jobs.test.ts',
            'test/integration/operator/{lost-workers,ttl}.test.ts',
          ],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
    ],
  },
});
