import { customResourceDefinition, MAX_COUNTER, MAX_TOTAL, waitGroupKind } from '@konductor/schema';
import { describe, expect, it } from 'vitest';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

const crd = customResourceDefinition(waitGroupKind);
const [version] = crd.spec.versions;
const root = version?.schema.openAPIV3Schema as Schema;
const status = root.properties?.status?.properties ?? {};

/** Every schema under this one, with its path; metadata is Kubernetes' own. */
function* schemas(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* schemas(property, `${path}.${name}`);
  if (schema.items) yield* schemas(schema.items, `${path}[]`);
}
const all = [...schemas(root, '')];
const own = all.filter(([path]) => !['.apiVersion', '.kind', '.metadata'].includes(path));

describe('the CRD of WaitGroup', () => {
  it('is named as kubectl users type it', () => {
    expect(crd.metadata.name).toBe('waitgroups.konductor.io');
    expect(crd.spec).toMatchObject({
      group: 'konductor.io',
      scope: 'Namespaced',
      names: {
        kind: 'WaitGroup',
        listKind: 'WaitGroupList',
        plural: 'waitgroups',
        singular: 'waitgroup',
        shortNames: ['wg'],
        categories: ['konductor'],
      },
    });
  });

  it('serves and stores v1 with a status of its own', () => {
    expect(crd.spec.versions).toMatchObject([
      { name: 'v1', served: true, storage: true, subresources: { status: {} } },
    ]);
  });

  it('shows counter, phase, added, ttl and age, and outcome and completion when wide', () => {
    const columns = version?.additionalPrinterColumns.map(({ name, jsonPath, priority = 0 }) => [
      name,
      jsonPath,
      priority,
    ]);
    expect(columns).toEqual([
      ['Counter', '.status.counter', 0],
      ['Phase', '.status.phase', 0],
      ['Added', '.status.added', 0],
      ['TTL', '.spec.ttl', 0],
      ['Outcome', '.status.outcome', 1],
      ['Active', '.status.workers.active', 1],
      ['Lost', '.status.workers.lost', 1],
      ['Completed', '.status.completedAt', 1],
      ['Age', '.metadata.creationTimestamp', 0],
    ]);
  });

  it('describes every printer column', () => {
    for (const { description } of version?.additionalPrinterColumns ?? []) expect(description).toMatch(/\w+ \w+/);
  });

  it.each(own)('describes %s to readers of kubectl explain, in sentences', (_path, { description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(all)('gives %s a type, as structural schemas must', (_path, { type }) => {
    expect(type).toMatch(/^(object|array|string|integer|boolean)$/);
  });

  it('requires counter and phase of a status, and nothing else', () => {
    expect(root.properties?.status?.required).toEqual(['counter', 'phase']);
    expect(root.properties?.spec).not.toHaveProperty('required');
    expect(root).not.toHaveProperty('required');
  });

  it('bounds the counter by int32 and the totals by what JavaScript reads exactly', () => {
    expect(status.counter).toMatchObject({ type: 'integer', format: 'int32', minimum: 0, maximum: MAX_COUNTER });
    for (const total of ['added', 'completions', 'addedAtCompletion'])
      expect(status[total]).toMatchObject({ type: 'integer', format: 'int64', minimum: 0, maximum: MAX_TOTAL });
  });

  it('lets server-side apply own conditions one by one and recentOperations as a whole', () => {
    expect(status.conditions).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
    expect(status.recentOperations).toMatchObject({ 'x-kubernetes-list-type': 'atomic', maxItems: 16 });
  });

  it('is plain JSON, the same each time', () => {
    expect(JSON.parse(JSON.stringify(crd))).toEqual(crd);
    expect(customResourceDefinition(waitGroupKind)).toEqual(crd);
  });

  it('says in every rule’s message what to do', () => {
    const rules = all.flatMap(([, schema]) => (schema['x-kubernetes-validations'] ?? []) as { message: string }[]);
    expect(rules.length).toBeGreaterThan(8);
    for (const { message } of rules) expect(message).toMatch(/must be|:/);
  });
});
