import { MAX_COUNTER } from '@konductor/schema';
import { describe, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create, expectRefusal, type Refusal, replace } from '../../support/cluster/raw-requests.ts';

const controlPlane = inject('controlPlane');
const newNamespace = () => createNamespace(controlPlane, 'guards');

const DURATION = /must be a duration in hours, minutes and seconds, such as 1h, 1h30m or 500ms/;
const ABOVE_ZERO = /must be above 0s and at most 2562047h: set how long work may be outstanding, or remove the field/;
const NOT_NEGATIVE = /must be between 0s and 2562047h: set how long to keep the WaitGroup/;

describe('the API server rejects a new group', () => {
  it.each<[object, Refusal]>([
    [{ ttl: 'soon' }, { field: 'spec.ttl', says: DURATION }],
    [{ ttl: '' }, { field: 'spec.ttl', says: DURATION }],
    [{ ttl: '1d' }, { field: 'spec.ttl', says: DURATION }],
    [{ ttl: '3600' }, { field: 'spec.ttl', says: DURATION }],
    [{ ttl: '1h ' }, { field: 'spec.ttl', says: DURATION }],
    [{ ttl: '-1h' }, { field: 'spec.ttl', says: NOT_NEGATIVE }],
    [{ ttl: '-1ns' }, { field: 'spec.ttl', says: NOT_NEGATIVE }],
    [{ ttl: '2562048h' }, { field: 'spec.ttl', says: NOT_NEGATIVE }],
    [{ ttl: `${'0'.repeat(63)}1s` }, { field: 'spec.ttl', says: /may not be more than 64/ }],
    [{ ttl: 3600 }, { field: 'spec.ttl', says: /must be of type string/ }],
    [{ ttl: ['1h'] }, { field: 'spec.ttl', says: /must be of type string/ }],
    ...['soon', '', '1d', '3600', '1h '].map((deadline): [object, Refusal] => [
      { deadline },
      { field: 'spec.deadline', says: DURATION },
    ]),
    ...['0', '0s', '-0s', '0.0000000001s', '-1h', '2562048h'].map((deadline): [object, Refusal] => [
      { deadline },
      { field: 'spec.deadline', says: ABOVE_ZERO },
    ]),
    [{ deadline: `${'0'.repeat(63)}1s` }, { field: 'spec.deadline', says: /may not be more than 64/ }],
    [{ deadline: 3600 }, { field: 'spec.deadline', says: /must be of type string/ }],
    [{ initialCount: -1 }, { field: 'spec.initialCount', says: /greater than or equal to 0/ }],
    [{ initialCount: MAX_COUNTER + 1 }, { field: 'spec.initialCount', says: /less than or equal to 2147483647/ }],
    [{ initialCount: 1.5 }, { field: 'spec.initialCount', says: /must be of type int(32|eger)/ }],
    [{ initialCount: '3' }, { field: 'spec.initialCount', says: /must be of type integer/ }],
  ])('with the spec %j', async (spec, refusal) => {
    await expectRefusal(create(await newNamespace(), { spec }), refusal);
  });

  it('whose spec is no object', async () => {
    const refusal = { field: 'spec', says: /must be of type object/ };
    await expectRefusal(create(await newNamespace(), { spec: 'ttl=1h' }), refusal);
  });

  it.each([['a'.repeat(64)], ['stage.one'], ['Workers'], ['-workers'], ['workers-'], ['wörkers'], ['work_ers']])(
    'called %s',
    async (name) => {
      const says = /metadata\.name must be a DNS label: at most 63 lowercase alphanumeric characters or '-'/;
      await expectRefusal(create(await newNamespace(), { metadata: { name } }), { field: 'metadata', says });
    },
  );
});

describe('the API server does not allow spec.initialCount to be', () => {
  it.each<[string, object, object]>([
    ['changed', { initialCount: 3 }, { initialCount: 4 }],
    ['added', {}, { initialCount: 3 }],
    ['added, be it zero', {}, { initialCount: 0 }],
    ['removed', { initialCount: 3, ttl: '1h' }, { ttl: '1h' }],
  ])('%s', async (_name, before, after) => {
    const group = await create(await newNamespace(), { spec: before });
    const says = /spec\.initialCount is immutable: use koncli waitgroup add to change the counter/;
    await expectRefusal(replace(group, { spec: after }), { field: 'spec.initialCount', says });
  });

  it('removed with all of the spec', async () => {
    const group = await create(await newNamespace(), { spec: { initialCount: 3 } });
    await expectRefusal(replace(group, {}), { field: 'spec.initialCount', says: /is immutable/ });
  });
});
