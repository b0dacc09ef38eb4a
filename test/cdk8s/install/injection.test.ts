import { KonductorInjection, type KonductorInjectionProps } from '@konductor/cdk8s';
import { expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';

const injection = (props?: KonductorInjectionProps) =>
  synth((scope) => new KonductorInjection(scope, 'Injection', props));

it('takes koncli from the image that it is told', () => {
  const { mutations } = pick(injection({ koncliImage: 'example.com/koncli:2' }), 'MutatingAdmissionPolicy').spec;
  expect(mutations[0].applyConfiguration.expression).toContain('image{reference: "example.com/koncli:2",');
});

it('names Secrets to pull with where it is told some', () => {
  const text = (props?: KonductorInjectionProps) => JSON.stringify(injection(props));
  expect(text({ imagePullSecrets: ['registry'] })).toContain('imagePullSecrets');
  expect(text()).not.toContain('imagePullSecrets');
  expect(() => text({ imagePullSecrets: ['My Secret'] })).toThrow(
    'KonductorInjection test/Injection: imagePullSecrets has "My Secret", which names no Secret: write ',
  );
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
