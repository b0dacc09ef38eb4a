import { WaitGroupCrd } from '@konductor/cdk8s';
import { customResourceDefinition, waitGroupKind } from '@konductor/schema';
import { expect, it } from 'vitest';
import { synth } from '../synth.ts';

it('ships exactly the CRD of the schema package', () => {
  expect(synth((scope) => new WaitGroupCrd(scope, 'Crd'))).toEqual([customResourceDefinition(waitGroupKind)]);
});
