import { WaitGroupCrd } from '@konductor/cdk8s';
import { customResourceDefinition, waitGroupKind, waitGroupWorkerKind } from '@konductor/schema';
import { expect, it } from 'vitest';
import { synth } from '../synth.ts';

it('ships exactly the CRDs of the schema package', () => {
  expect(synth((scope) => new WaitGroupCrd(scope, 'Crd'))).toEqual(
    [waitGroupKind, waitGroupWorkerKind].map(customResourceDefinition),
  );
});
