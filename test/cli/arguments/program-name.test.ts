import { describe, expect, it } from 'vitest';
import { asCalledBy, callOf } from '../../../cli/src/arguments/program-name.ts';

const koncli = { program: 'koncli', isCompletion: false };
const plugin = { program: 'kubectl konductor', isCompletion: false };

describe('callOf', () => {
  it.each([
    ['/usr/local/bin/koncli', koncli],
    ['/usr/local/bin/kubectl-konductor', plugin],
    ['kubectl-konductor.exe', plugin],
    ['./kubectl_complete-konductor', { ...plugin, isCompletion: true }],
    ['/srv/kubectl-konductor/koncli-2', koncli],
    [undefined, koncli],
  ])('recognizes the name %s', (path, call) => {
    expect(callOf([path])).toEqual(call);
  });

  it('recognizes the name of a script after its interpreter', () => {
    expect(callOf(['node', '/usr/lib/node_modules/.bin/kubectl-konductor'])).toEqual(plugin);
  });
});

describe('asCalledBy', () => {
  it('replaces koncli only in commands', () => {
    const text = 'koncli 0.1.0: look with koncli waitgroup get x, or koncli doctor';
    expect(asCalledBy('kubectl konductor', text)).toBe(
      'koncli 0.1.0: look with kubectl konductor waitgroup get x, or kubectl konductor doctor',
    );
    expect(asCalledBy('koncli', text)).toBe(text);
  });

  it('adds the flags that name the cluster to commands of koncli and kubectl, once', () => {
    const text = 'koncli doctor says: kubectl get pods, kubectl konductor waitgroup get x, kubectl';
    const complete = (program: string) => asCalledBy(program, asCalledBy(program, text));
    expect(complete('koncli --context $&')).toBe(
      'koncli --context $& doctor says: kubectl --context $& get pods, kubectl konductor waitgroup get x, kubectl',
    );
    expect(asCalledBy('kubectl konductor --context x', 'kubectl get pods, koncli doctor')).toBe(
      'kubectl --context x get pods, kubectl konductor --context x doctor',
    );
  });
});
