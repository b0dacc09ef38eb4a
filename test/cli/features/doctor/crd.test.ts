import type { KubeTransport } from '@konductor/client';
import { customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { expect, it } from 'vitest';
import type { CheckContext } from '../../../../cli/src/features/doctor/check.ts';
import { examineCrd } from '../../../../cli/src/features/doctor/crd.ts';

/** Serves the kind at once, and publishes its schema with the second request for it. */
function publishingLate(): CheckContext {
  const [version] = customResourceDefinition(waitGroupKind).spec.versions;
  const schema = { ...version?.schema.openAPIV3Schema, 'x-kubernetes-group-version-kind': [{ kind: 'WaitGroup' }] };
  const published = [{}, { WaitGroup: schema }];
  const request = async ({ path }: { path: string }) =>
    path.startsWith('/openapi')
      ? { components: { schemas: published.shift() } }
      : { resources: [{ kind: 'WaitGroup' }] };
  const transport = { request } as unknown as KubeTransport;
  return { transport, namespace: 'jobs', name: undefined, purpose: 'work', limits: {} };
}

it('waits for the schema of a CRD that was installed a moment ago', async () => {
  expect(await examineCrd(publishingLate())).toMatchObject({ outcome: 'ok' });
});
