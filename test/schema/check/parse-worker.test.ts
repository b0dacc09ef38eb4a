import { InvalidWaitGroupWorkerError, parseWaitGroupWorker, WaitGroupWorker } from '@konductor/schema';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { buildRecord, POD } from '../workers.ts';
import { mutants } from './mutants.ts';

const record = buildRecord({ added: 1 }, 4);
const whole = buildRecord({ added: 1, pod: POD, operation: 'op-1', reason: 'DiskFull', message: 'full' }, 4);
const spec = (fields: object) => ({ ...record, spec: { ...record.spec, ...fields } });

describe('parseWaitGroupWorker', () => {
  it.each([
    ['as short as it can be', record],
    ['with all that it can have', whole],
    ['of a newer schema', { ...spec({ futureField: { name: 'a' } }), status: {} }],
  ])('returns a record %s, the same object', (_name, sent) => {
    const before = structuredClone(sent);
    expect(parseWaitGroupWorker(sent)).toBe(sent);
    expect(sent).toEqual(before);
  });

  it.each([
    [undefined, 'the object must be an object'],
    [{}, 'apiVersion must be konductor.io/v1'],
    [{ ...record, kind: 'WaitGroup' }, 'kind must be WaitGroupWorker'],
    [{ ...record, metadata: { name: 'a' } }, 'metadata.uid must be a string'],
    [{ ...record, spec: undefined }, 'spec must be an object'],
    [spec({ waitGroup: 'a.b' }), 'spec.waitGroup must be a DNS label'],
    [spec({ worker: 'A' }), 'spec.worker must be a DNS label'],
    [spec({ added: -1 }), 'spec.added must be a whole number from 0 to 9007199254740991'],
    [spec({ borrowed: '1' }), 'spec.borrowed must be a whole number from 0 to 9007199254740991'],
    [spec({ state: 'Idle' }), 'spec.state must be Active or Done or Failed or Lost'],
    [spec({ pod: { name: 'a' } }), 'spec.pod.uid must be a string'],
  ])('rejects %j: %s', (object, what) => {
    const parsing = () => parseWaitGroupWorker(object);
    expect(parsing).toThrow(InvalidWaitGroupWorkerError);
    expect(parsing).toThrow(`not a WaitGroupWorker of konductor.io/v1: ${what}`);
  });

  it('accepts all that the schema accepts, but for names and what the API server itself sets', () => {
    const verdicts = mutants(whole).map(([field, mutant]) => [
      field,
      isParsed(mutant),
      Value.Check(WaitGroupWorker, mutant),
    ]);
    const isOwn = (field: unknown) => !`${field}`.startsWith('metadata');
    expect(verdicts.filter(([field, parsed, valid]) => valid && !parsed && isOwn(field))).toEqual([]);
    expect(verdicts.filter(([, parsed]) => !parsed).length).toBeGreaterThan(80);
  });
});

function isParsed(object: unknown): boolean {
  try {
    return parseWaitGroupWorker(object) === object;
  } catch {
    return false;
  }
}
