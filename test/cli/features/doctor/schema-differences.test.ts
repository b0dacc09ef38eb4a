import { describe, expect, it } from 'vitest';
import { compareSchemas } from '../../../../cli/src/features/doctor/schema-differences.ts';

const schema = (spec: object, rest: object = {}) => ({
  type: 'object',
  properties: { metadata: { type: 'object' }, spec: { type: 'object', properties: spec } },
  ...rest,
});
const ttl = { type: 'string', maxLength: 64 };

describe('compareSchemas', () => {
  it.each([
    ['descriptions', schema({ ttl: { ...ttl, description: 'how long' } }), schema({ ttl })],
    [
      'what the API server adds to metadata',
      schema({}),
      { ...schema({}), properties: { spec: schema({}).properties.spec } },
    ],
    ['the order of keywords', schema({ ttl }), schema({ ttl: { maxLength: 64, type: 'string' } })],
    ['the mark of the kind', schema({}), schema({}, { 'x-kubernetes-group-version-kind': [{ kind: 'X' }] })],
    ['selectable fields', schema({}), schema({}, { 'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.x' }] })],
  ])('ignores %s', (_, own, other) => {
    expect(compareSchemas(own, other)).toEqual({ missing: [], changed: [] });
  });

  it('distinguishes missing fields from additional ones', () => {
    const [less, more] = [schema({}), schema({ ttl })];
    expect(compareSchemas(more, less)).toEqual({ missing: ['spec.ttl'], changed: [] });
    expect(compareSchemas(less, more)).toEqual({ missing: [], changed: ['spec.ttl'] });
  });

  it('compares the items of lists', () => {
    const of = (properties: object) => schema({ workers: { type: 'array', items: { type: 'object', properties } } });
    expect(compareSchemas(of({ id: {} }), of({}))).toEqual({ missing: ['spec.workers[].id'], changed: [] });
  });

  it.each([
    [schema({ ttl: { ...ttl, maxLength: 32 } }), 'spec.ttl'],
    [schema({ ttl: { ...ttl, 'x-kubernetes-validations': [{ rule: 'true' }] } }), 'spec.ttl'],
    [schema({ ttl }, { 'x-kubernetes-validations': [{ rule: 'true' }] }), 'its rules'],
  ])('names the fields whose bounds or rules differ', (other, where) => {
    expect(compareSchemas(schema({ ttl }), other)).toEqual({ missing: [], changed: [where] });
  });
});
