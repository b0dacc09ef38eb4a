import { describe, expect, it } from 'vitest';
import { identify } from '../../../cli/src/session/worker.ts';

const pod = { name: 'etl-0-x2k4d', uid: 'uid-1' };
const IN_POD = { pod, namespace: 'jobs' };
const ELSEWHERE = { pod: undefined, namespace: 'jobs' };
const run = { hostname: 'etl-0', env: { JOB_COMPLETION_INDEX: '0' } };

describe('identify', () => {
  it.each([
    ['anonymous by default', { worker: undefined }, IN_POD, undefined],
    ['the given ID, and the pod', { worker: { id: 'w' } }, IN_POD, { id: 'w', pod }],
    ['the given ID outside of pods', { worker: { id: 'w' } }, ELSEWHERE, { id: 'w', pod: undefined }],
    ['the ID of the pod, in an Indexed Job that of its index', { worker: 'auto' }, IN_POD, { id: 'etl-0', pod }],
    ['the ID of the pod for run', { worker: 'inPod' }, IN_POD, { id: 'etl-0', pod }],
    ['anonymous for run outside of pods', { worker: 'inPod' }, ELSEWHERE, undefined],
    ['anonymous for run in another namespace than the pod', { worker: 'inPod', namespace: 'x' }, IN_POD, undefined],
    ['no pod in another namespace', { worker: { id: 'w' }, namespace: 'x' }, IN_POD, { id: 'w', pod: undefined }],
    ['the same namespace, named', { worker: 'auto', namespace: 'jobs' }, IN_POD, { id: 'etl-0', pod }],
  ] as const)('is %s', (_, settings, connection, identity) => {
    expect(identify({ namespace: undefined, ...settings }, connection, run)).toEqual(identity);
  });

  it('says what to do where there is no pod', () => {
    const auto = (namespace?: string) => () =>
      identify({ worker: 'auto', namespace }, namespace ? IN_POD : ELSEWHERE, run);
    expect(auto()).toThrow(
      /^no worker ID: auto needs a pod with the token of its ServiceAccount; give --worker ID, or --an/,
    );
    expect(auto('x')).toThrow(/^no worker ID: auto needs a pod in namespace "x"; give --worker ID, or --anonymous$/);
  });
});
