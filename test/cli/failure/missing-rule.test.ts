import { ForbiddenError, waitGroupsPath } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { formatRule, type MissingRule, missingRule, ruleFor } from '../../../cli/src/failure/missing-rule.ts';
import type { RejectedRequest } from '../../../cli/src/session/reporting-transport.ts';

const COLLECTION = waitGroupsPath('jobs');
const OBJECT = waitGroupsPath('jobs', 'batch');
const rule = (resources: string, verbs: string, names = '') =>
  `{apiGroups: ["konductor.io"], resources: ["${resources}"], ${names}verbs: [${verbs}]}`;
const ON_BATCH = 'resourceNames: ["batch"], ';

describe('ruleFor', () => {
  it.each<[string, RejectedRequest, string]>([
    ['get', { method: 'GET', path: OBJECT }, rule('waitgroups', '"get"', ON_BATCH)],
    ['list', { method: 'GET', path: COLLECTION }, rule('waitgroups', '"list"')],
    ['list --watch', { method: 'GET', path: COLLECTION, isBeforeWatch: true }, rule('waitgroups', '"list", "watch"')],
    ['list of all namespaces', { method: 'GET', path: waitGroupsPath() }, rule('waitgroups', '"list"')],
    [
      'wait',
      { method: 'GET', path: COLLECTION, query: { fieldSelector: 'metadata.name=batch' } },
      rule('waitgroups', '"list", "watch"', ON_BATCH),
    ],
    ['watch', { method: 'GET', path: COLLECTION, query: { watch: true } }, rule('waitgroups', '"watch"')],
    [
      'wait, which may list already',
      { method: 'GET', path: COLLECTION, query: { watch: true, fieldSelector: 'metadata.name=batch' } },
      rule('waitgroups', '"watch"', ON_BATCH),
    ],
    ['create', { method: 'POST', path: COLLECTION }, rule('waitgroups', '"create"')],
    ['delete', { method: 'DELETE', path: OBJECT }, rule('waitgroups', '"delete"', ON_BATCH)],
    ['add', { method: 'PUT', path: `${OBJECT}/status` }, rule('waitgroups/status', '"update"', ON_BATCH)],
  ])('names the rule for %s', (_, request, expected) => {
    expect(formatRule(ruleFor(request) as MissingRule)).toBe(expected);
  });

  it('names the namespace of the rule', () => {
    expect(ruleFor({ method: 'GET', path: OBJECT })?.namespace).toBe('jobs');
    expect(ruleFor({ method: 'GET', path: waitGroupsPath() })?.namespace).toBeUndefined();
    expect(ruleFor({ method: 'POST', path: '/api/v1/namespaces/jobs/events' })).toEqual({
      namespace: 'jobs',
      apiGroup: '',
      resource: 'events',
      resourceName: undefined,
      verbs: ['create'],
    });
  });

  it('ignores a path without a resource', () => {
    expect(ruleFor({ method: 'GET', path: '/version' })).toBeUndefined();
  });
});

describe('missingRule', () => {
  it('ignores an error whose request is unknown', () => {
    expect(missingRule(new ForbiddenError(403, {}))).toBeUndefined();
  });
});
