import { describe, expect, it } from 'vitest';
import { compareSchemas } from '../../../cli/src/doctor/schema-differences.ts';

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
  ])('makes nothing of %s', (_, own, other) => {
    expect(compareSchemas(own, other)).toEqual({ missing: [], changed: [] });
  });

  it('tells a field that is missing from one that is new', () => {
    const [less, more] = [schema({}), schema({ ttl })];
    expect(compareSchemas(more, less)).toEqual({ missing: ['spec.ttl'], changed: [] });
    expect(compareSchemas(less, more)).toEqual({ missing: [], changed: ['spec.ttl'] });
  });

  it('looks into lists', () => {
    const of = (properties: object) => schema({ workers: { type: 'array', items: { type: 'object', properties } } });
    expect(compareSchemas(of({ id: {} }), of({}))).toEqual({ missing: ['spec.workers[].id'], changed: [] });
  });

  it.each([
    [schema({ ttl: { ...ttl, maxLength: 32 } }), 'spec.ttl'],
    [schema({ ttl: { ...ttl, 'x-kubernetes-validations': [{ rule: 'true' }] } }), 'spec.ttl'],
    [schema({ ttl }, { 'x-kubernetes-validations': [{ rule: 'true' }] }), 'its rules'],
  ])('names where bounds and rules differ', (other, where) => {
    expect(compareSchemas(schema({ ttl }), other)).toEqual({ missing: [], changed: [where] });
  });
});
