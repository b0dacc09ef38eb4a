import { KonductorInjection, type KonductorInjectionProps } from '@konductor/cdk8s';
import { expect, it } from 'vitest';
import { pick, synth } from './synth.ts';

const injection = (props?: KonductorInjectionProps) =>
  synth((scope) => new KonductorInjection(scope, 'Injection', props));

it('takes koncli from the image that it is told', () => {
  const { mutations } = pick(injection({ koncliImage: 'example.com/koncli:2' }), 'MutatingAdmissionPolicy').spec;
  expect(mutations[0].applyConfiguration.expression).toContain('image{reference: "example.com/koncli:2",');
});

it('refuses an empty image, and says what to do', () => {
  expect(() => injection({ koncliImage: ' ' })).toThrow(
    'KonductorInjection test/Injection: koncliImage is empty: say which',
  );
});

it('binds the policy to the whole cluster, and has it refuse what it cannot change', () => {
  const { metadata, spec } = pick(injection(), 'MutatingAdmissionPolicy');
  expect(pick(injection(), 'MutatingAdmissionPolicyBinding').spec).toEqual({ policyName: metadata.name });
  expect(spec.failurePolicy).toBe('Fail');
});
