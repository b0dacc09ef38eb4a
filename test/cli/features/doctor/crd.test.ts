import type { KubeTransport } from '@konductor/client';
import { customResourceDefinition, type KindDefinition, waitGroupKind, waitGroupWorkerKind } from '@konductor/schema';
import { expect, it } from 'vitest';
import type { CheckContext } from '../../../../cli/src/features/doctor/check.ts';
import { examineCrd } from '../../../../cli/src/features/doctor/crd.ts';

const KINDS = [waitGroupKind, waitGroupWorkerKind];

function schemaOf(definition: KindDefinition): object {
  const [version] = customResourceDefinition(definition).spec.versions;
  const { kind } = definition;
  return { ...version?.schema.openAPIV3Schema, 'x-kubernetes-group-version-kind': [{ kind }] };
}

/** Serves kinds, and publishes their schemas from the `late`th request on. */
function serving(kinds: readonly KindDefinition[], late = 0): CheckContext {
  let requests = 0;
  const schemas = Object.fromEntries(kinds.map((kind) => [kind.kind, schemaOf(kind)]));
  const request = async ({ path }: { path: string }) =>
    path.startsWith('/openapi')
      ? { components: { schemas: requests++ < late ? {} : schemas } }
      : { resources: kinds.map(({ kind }) => ({ kind })) };
  const transport = { request } as unknown as KubeTransport;
  return { transport, namespace: 'jobs', name: undefined, purpose: 'work', isInPod: false, limits: {} };
}

it('waits for the schema of a CRD that was installed a moment ago', async () => {
  expect(await examineCrd(serving(KINDS, 2))).toMatchObject({ outcome: 'ok' });
});

it('fails without the CRD of workers', async () => {
  expect(await examineCrd(serving([waitGroupKind]))).toMatchObject({
    outcome: 'failure',
    message: 'waitgroupworkers.konductor.io is not installed',
    advice: expect.stringMatching(/^install it with kubectl apply/),
  });
});
