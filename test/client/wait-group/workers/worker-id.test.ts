import { toWorkerId, workerIdFor } from '@konductor/client';
import { isDnsLabel } from '@konductor/schema';
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

const podNamed = (name: string) => ({ name, uid: 'uid-1' });

describe('workerIdFor', () => {
  it.each([
    ['the pod of an index is that index', 'batch-2-x7k4q', 'batch-2', '2', 'batch-2'],
    ['the pod of another index by a forged variable', 'batch-12-x7k4q', 'batch-12', '2', 'batch-12-x7k4q'],
    ['a pod on the network of its node', 'batch-2-x7k4q', 'node-2', '2', 'batch-2-x7k4q'],
    [
      'a pod whose name was cut, so that Jobs share its start',
      'a-long-jo-2-x7k4q',
      'a-long-job-2',
      '2',
      'a-long-jo-2-x7k4q',
    ],
    ['a pod with a host name of its own', 'web-5d4f-x7k4q', 'web-5d4f', undefined, 'web-5d4f-x7k4q'],
    ['a pod of a StatefulSet', 'db-0', 'db-0', undefined, 'db-0'],
    ['a pod with an empty variable', 'batch-2-x7k4q', 'batch-2', '', 'batch-2-x7k4q'],
    [
      'a pod whose name ends in more than the API server adds',
      'batch-2-x7.4q',
      'batch-2',
      '2',
      toWorkerId('batch-2-x7.4q'),
    ],
  ])('is the name of the pod, or that of its index: %s', (_, name, hostname, index, expected) => {
    const env = { JOB_COMPLETION_INDEX: index };
    expect(workerIdFor({ pod: podNamed(name), hostname, env })).toBe(expected);
  });

  it('is absent outside of pods, whatever the host is called', () => {
    expect(workerIdFor({ pod: undefined, hostname: 'batch-2', env: { JOB_COMPLETION_INDEX: '2' } })).toBeUndefined();
  });
});

describe('toWorkerId', () => {
  it.each([
    ['a', 'a'],
    ['x'.repeat(63), 'x'.repeat(63)],
    ['x'.repeat(64), `${'x'.repeat(54)}-7ce100971f64e7001e8fe5a51973ecdf`.slice(0, 63)],
    ['web.0', `web-0-`],
    ['Web', 'web-'],
    ['-a-', 'a--'],
    ['größe', 'gr--e-'],
    ['日本', ''],
    ['', ''],
  ])('keeps what a DNS label can hold: %j', (name, start) => {
    const id = toWorkerId(name);
    expect(id.startsWith(start)).toBe(true);
    expect(id.slice(start.length)).toMatch(isDnsLabel(name) ? /^$/ : /^[0-9a-f]{0,8}$/);
  });

  it('is a DNS label for every name, and another one for another name', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 70 }), string({ unit: 'binary', maxLength: 70 }), (one, other) => {
        expect(isDnsLabel(toWorkerId(one))).toBe(true);
        expect(toWorkerId(one) === toWorkerId(other)).toBe(one === other);
      }),
    );
  });

  it('tells pods apart whose names differ at their end only', () => {
    const [one, other] = ['a', 'b'].map((end) => toWorkerId('x'.repeat(252) + end)) as [string, string];
    expect(one).not.toBe(other);
    expect([one.length, one.slice(0, 54)]).toEqual([63, other.slice(0, 54)]);
  });
});
