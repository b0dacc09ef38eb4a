import { customResourceDefinition, initialStatus, MAX_COUNTER, waitGroupKind } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { count, create, replace, replaceStatus } from '../../support/cluster/raw-requests.ts';
import { kubectl, kubectlJson } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const newNamespace = () => createNamespace(controlPlane, 'crd');

type Crd = ReturnType<typeof customResourceDefinition> & { readonly status: unknown };

describe('the CRD', () => {
  it('is the one that the schema package defines, established and with all names accepted', async () => {
    const crd = await kubectlJson<Crd>(controlPlane, ['get', 'crd', 'waitgroups.konductor.io']);
    const schemas = ({ spec }: Pick<Crd, 'spec'>) => spec.versions.map(({ schema }) => schema);
    expect(schemas(crd)).toEqual(schemas(customResourceDefinition(waitGroupKind)));
    expect(crd.status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Established', status: 'True' }),
        expect.objectContaining({ type: 'NamesAccepted', status: 'True' }),
      ]),
    });
    expect(crd.status).not.toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'NonStructuralSchema', status: 'True' })]),
    });
  });
});

describe('a new group', () => {
  it.each<[string, object | undefined]>([
    ['no spec', undefined],
    ['an empty spec', {}],
    ['a ttl', { ttl: '1h30m' }],
    ['a ttl of zero', { ttl: '0s' }],
    ['the longest ttl', { ttl: '2562047h' }],
    ['a deadline', { deadline: '1h30m' }],
    ['the shortest deadline', { deadline: '1ns' }],
    ['the longest deadline', { deadline: '2562047h' }],
    ['an initial count', { initialCount: MAX_COUNTER }],
    ['an initial count of zero', { initialCount: 0 }],
  ])('is accepted with %s, at generation 1 and without a status', async (_name, spec) => {
    const group = await create(await newNamespace(), spec === undefined ? {} : { spec }, { fieldValidation: 'Strict' });
    expect(group).toMatchObject({ metadata: { generation: 1 }, ...(spec ? { spec } : {}) });
    expect(group).not.toHaveProperty('status');
  });

  it.each(['a', '0', '0-a', 'a'.repeat(63)])('may be called %s', async (name) => {
    await expect(create(await newNamespace(), { metadata: { name } })).resolves.toMatchObject({ metadata: { name } });
  });

  it('has no status yet, whatever is sent', async () => {
    const group = await create(await newNamespace(), { status: { counter: 5, phase: 'Waiting' } });
    expect(group).not.toHaveProperty('status');
  });
});

describe('a status', () => {
  it.each<[string, object]>([
    ['counter and phase alone', { counter: 3, phase: 'Waiting' }],
    ['a zero counter', { counter: 0, phase: 'Done' }],
    ['a condition of a type of its own', { counter: 0, phase: 'Done', conditions: [condition('Checked')] }],
    [
      'a fitting Done condition',
      { counter: 1, phase: 'Waiting', conditions: [{ ...condition('Done'), status: 'False' }] },
    ],
  ])('is accepted with %s', async (_name, status) => {
    const group = await create(await newNamespace(), {});
    const written = await replaceStatus(group, status, { fieldValidation: 'Strict' });
    expect(written.status).toEqual(status);
    expect(written.metadata.generation).toBe(1);
  });

  it('is accepted as the rule computes it, at every step of a group’s life', async () => {
    let group = await create(await newNamespace(), { spec: { initialCount: 2 } });
    group = await replaceStatus(group, initialStatus(group), { fieldValidation: 'Strict' });
    for (const delta of [5, -3, -4, 1, -1]) group = await count(group, delta);
    expect(group.status).toMatchObject({ counter: 0, phase: 'Done', added: 8, completions: 2, addedAtCompletion: 8 });
    expect(group.status?.recentOperations?.map(({ delta }) => delta)).toEqual([-1, 1, -4, -3, 5]);
  });
});

function condition(type: string) {
  return { type, status: 'True', reason: 'Because', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' };
}

describe('a change of the spec', () => {
  it.each(['ttl', 'deadline'])('is accepted for %s: set, changed and removed again', async (field) => {
    let group = await create(await newNamespace(), {});
    for (const spec of [{ [field]: '1h' }, { [field]: '2h' }, {}]) {
      group = await replace(group, { spec });
      expect(group.spec).toEqual(spec);
    }
    expect(group.metadata.generation).toBe(4);
  });

  it('leaves the status as it is', async () => {
    const group = await count(await create(await newNamespace(), {}), 2);
    await expect(replace(group, { spec: { ttl: '1h' } })).resolves.toHaveProperty('status', group.status);
  });
});

describe('an unknown field', () => {
  const fields = { spec: { tll: '1h' } };

  it('is rejected by name under strict field validation', async () => {
    const request = create(await newNamespace(), fields, { fieldValidation: 'Strict' });
    await expect(request).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('unknown field "spec.tll"'),
    });
  });

  it('is pruned without it', async () => {
    expect((await create(await newNamespace(), fields)).spec).toEqual({});
  });

  it('is warned of', async () => {
    const manifest = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: 'group' }, ...fields };
    const args = ['create', '--validate=warn', '-n', await newNamespace(), '-f', '-'];
    const { stderr, code } = await kubectl(controlPlane, args, { input: JSON.stringify(manifest) });
    expect(stderr).toContain('Warning: unknown field "spec.tll"');
    expect(code).toBe(0);
  });

  it('is rejected in a status too', async () => {
    const group = await create(await newNamespace(), {});
    const request = replaceStatus(group, { counter: 0, phase: 'Done', wokers: {} }, { fieldValidation: 'Strict' });
    await expect(request).rejects.toMatchObject({ code: 400, message: expect.stringContaining('"status.wokers"') });
  });
});
