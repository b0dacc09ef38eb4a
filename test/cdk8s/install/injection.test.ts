import { KonductorInjection, type KonductorInjectionProps } from '@konductor/cdk8s';
import { expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';

const injection = (props?: KonductorInjectionProps) =>
  synth((scope) => new KonductorInjection(scope, 'Injection', props));

it('injects koncli from the image that is set', () => {
  const { variables } = pick(injection({ koncliImage: 'example.com/koncli:2' }), 'MutatingAdmissionPolicy').spec;
  // The guide for kustomize replaces the first variable.
  expect(variables[0]).toEqual({ name: 'image', expression: '"example.com/koncli:2"' });
});

it('names Secrets for pulling koncli if they are set', () => {
  expect(JSON.stringify(injection({ imagePullSecrets: ['registry'] }))).toContain('imagePullSecrets');
  expect(JSON.stringify(injection())).not.toContain('imagePullSecrets');
  expect(() => injection({ imagePullSecrets: ['My Secret'] })).toThrow(
    'KonductorInjection test/Injection: imagePullSecrets[0] "My Secret" is not a valid name of a Secret; use ',
  );
});

it('binds the policy to the whole cluster, and rejects a pod that it fails for', () => {
  const { metadata, spec } = pick(injection(), 'MutatingAdmissionPolicy');
  expect(pick(injection(), 'MutatingAdmissionPolicyBinding').spec).toEqual({ policyName: metadata.name });
  expect(spec.failurePolicy).toBe('Fail');
});
