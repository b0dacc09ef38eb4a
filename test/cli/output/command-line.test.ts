import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandOn, shell, withCluster } from '../../../cli/src/output/command-line.ts';

const HOSTILE = `$(id)'; "x" \`y\` \\ !*\n`;

describe('shell', () => {
  it('leaves plain values as they are', () => {
    expect(shell`kubectl get pods -n ${'jobs'} --as=${'system:serviceaccount:jobs:x'}`).toBe(
      'kubectl get pods -n jobs --as=system:serviceaccount:jobs:x',
    );
  });

  it('passes any other value as one word, and an empty one, too', () => {
    const command = shell`printf %s-%s ${HOSTILE} ${''}`;
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(`${HOSTILE}-`);
  });
});

it('commandOn quotes namespace and name', () => {
  expect(commandOn('koncli waitgroup set', { namespace: 'a b', name: '$(id)' }, ' --counter N')).toBe(
    "koncli waitgroup set '$(id)' --counter N -n 'a b'",
  );
});

it.each([
  [{}, 'koncli'],
  [{ context: '', kubeconfig: '' }, 'koncli'],
  [{ context: 'a b', kubeconfig: '/x', namespace: 'y' }, "koncli --kubeconfig /x --context 'a b'"],
])('withCluster adds the flags that name the cluster: %j', (flags, program) => {
  expect(withCluster('koncli', flags)).toBe(program);
});
