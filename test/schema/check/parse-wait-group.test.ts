import { InvalidWaitGroupError, parseWaitGroup, WaitGroup } from '@konductor/schema';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, CREATED } from '../wait-groups.ts';
import { buildWorkers } from '../workers.ts';
import { mutants } from './mutants.ts';

const group = buildWaitGroup();
const record = { id: 'op-1', delta: 1, by: 'worker-1', at: CREATED };
const whole = buildWaitGroup({
  metadata: { finalizers: ['a'], labels: { app: 'batch' }, annotations: {} },
  spec: { ttl: '1h', deadline: '30m', initialCount: 1, workerPolicy: 'Fail' },
  status: buildStatus({
    ...{
      completedAt: CREATED,
      startedAt: CREATED,
      failedAt: CREATED,
      recentOperations: [record],
      observedGeneration: 1,
    },
    workers: buildWorkers({
      retiring: [{ name: 'batch.a.uid', uid: 'uid-2', resourceVersion: '1', added: 1, done: 1, borrowed: 0 }],
    }),
    ...{ outcome: 'Failed', failures: 1, failure: { reason: 'DiskFull', message: 'full', worker: 'a', at: CREATED } },
  }),
});

describe('parseWaitGroup', () => {
  it.each([
    ['without a status', group],
    ['with a whole status', whole],
    ['with counter and phase alone', buildWaitGroup({ status: { counter: 3, phase: 'Waiting' } })],
    ['of a newer schema', { ...group, status: { ...buildStatus(), future: { active: 1 } }, extra: true }],
    ['without a spec', { ...group, spec: undefined }],
  ])('returns a WaitGroup %s, the same object', (_name, sent) => {
    const before = structuredClone(sent);
    expect(parseWaitGroup(sent)).toBe(sent);
    expect(sent).toEqual(before);
  });

  const status = (fields: object) => ({ ...group, status: { counter: 0, phase: 'Done', ...fields } });
  it.each([
    [undefined, 'the object must be an object'],
    [null, 'the object must be an object'],
    [[], 'the object must be an object'],
    ['batch', 'the object must be an object'],
    [{}, 'apiVersion must be konductor.io/v1'],
    [{ ...group, kind: 'Barrier' }, 'kind must be WaitGroup'],
    [{ ...group, apiVersion: 'konductor.io/v2' }, 'apiVersion must be konductor.io/v1'],
    [{ ...group, metadata: undefined }, 'metadata must be an object'],
    [{ ...group, metadata: { name: 1 } }, 'metadata.name must be a DNS label'],
    [{ ...group, metadata: { name: '$(id)' } }, 'metadata.name must be a DNS label'],
    [{ ...group, metadata: { name: 'x', namespace: 'a\u001b[2J' } }, 'metadata.namespace must be a DNS label'],
    [{ ...group, spec: null }, 'spec must be an object'],
    [{ ...group, spec: { ttl: 60 } }, 'spec.ttl must be a string'],
    [{ ...group, spec: { deadline: 60 } }, 'spec.deadline must be a string'],
    [{ ...group, spec: { initialCount: -1 } }, 'spec.initialCount must be a whole number from 0 to 2147483647'],
    [status({ counter: undefined }), 'status.counter must be a whole number from 0 to 2147483647'],
    [status({ counter: '1' }), 'status.counter must be a whole number from 0 to 2147483647'],
    [status({ counter: 1.5 }), 'status.counter must be a whole number from 0 to 2147483647'],
    [status({ counter: 2 ** 31 }), 'status.counter must be a whole number from 0 to 2147483647'],
    [status({ phase: 'Open' }), 'status.phase must be Waiting or Done'],
    [status({ added: 2 ** 53 }), 'status.added must be a whole number from 0 to 9007199254740991'],
    [status({ completedAt: '2026-13-01T00:00:00Z' }), 'status.completedAt must be a time like 2026-01-02T03:04:05Z'],
    [status({ outcome: 'Lost' }), 'status.outcome must be Succeeded or Failed'],
    [status({ failure: { reason: 'A', message: '' } }), 'status.failure.at must be a time like 2026-01-02T03:04:05Z'],
    [status({ recentOperations: {} }), 'status.recentOperations must be a list'],
    [status({ recentOperations: [record, {}] }), 'status.recentOperations.1.id must be a string'],
    [{ ...group, spec: { workerPolicy: 'Drop' } }, 'spec.workerPolicy must be Keep or Release or Fail'],
    [status({ workers: {} }), 'status.workers.active must be a whole number from 0 to 9007199254740991'],
    [status({ workers: buildWorkers({ revision: 'x' }) }), 'status.workers.revision must be a resourceVersion'],
    [status({ workers: { ...buildWorkers(), retiring: [{}] } }), 'status.workers.retiring.0.name must be a string'],
    [status({ conditions: [null] }), 'status.conditions.0 must be an object'],
  ])('rejects %j: %s', (object, what) => {
    const parsing = () => parseWaitGroup(object);
    expect(parsing).toThrow(InvalidWaitGroupError);
    expect(parsing).toThrow(`not a WaitGroup of konductor.io/v1: ${what}`);
  });

  it('accepts all that the schema accepts, and is laxer only about what the API server alone looks after', () => {
    const verdicts = mutants(whole).map(([field, mutant]) => [field, isParsed(mutant), Value.Check(WaitGroup, mutant)]);
    // CEL and the API server check names, which the schema cannot.
    const isName = (field: unknown) => /^metadata\.(name|namespace)$/.test(`${field}`);
    expect(verdicts.filter(([field, parsed, valid]) => valid && !parsed && !isName(field))).toEqual([]);
    expect(verdicts.filter(([, parsed]) => !parsed).length).toBeGreaterThan(100);
    const laxer = verdicts.filter(([, parsed, valid]) => parsed && !valid).map(([field]) => `${field}`);
    const kinds = new Set(laxer.map((field) => field.replace(/(^metadata)\..+|\.\d+\./, '$1.')));
    expect([...kinds]).toEqual([
      'metadata.',
      'status.recentOperations.id',
      'status.conditions.reason',
      'status.conditions.message',
      'status.failure.reason',
      'status.failure.message',
    ]);
  });
});

function isParsed(object: unknown): boolean {
  try {
    return parseWaitGroup(object) === object;
  } catch {
    return false;
  }
}
