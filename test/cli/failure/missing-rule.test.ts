import { ForbiddenError, waitGroupsPath } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { grantFor, missingGrant } from '../../../cli/src/failure/missing-rule.ts';
import { COUNT, READ, RELEASE, REPORT } from '../../../cli/src/failure/permissions.ts';
import type { RejectedRequest } from '../../../cli/src/session/reporting-transport.ts';

const COLLECTION = waitGroupsPath('jobs');
const OBJECT = waitGroupsPath('jobs', 'batch');
const apiGroup = 'konductor.io';
const resource = 'waitgroups';

describe('grantFor', () => {
  it.each<[string, RejectedRequest, object]>([
    ['get', { method: 'GET', path: OBJECT }, { apiGroup, resource, resourceNames: ['batch'], verbs: ['get'] }],
    ['list', { method: 'GET', path: COLLECTION }, { apiGroup, resource, verbs: ['list'] }],
    [
      'a list of one',
      { method: 'GET', path: COLLECTION, query: { fieldSelector: 'metadata.name=batch' } },
      { apiGroup, resource, resourceNames: ['batch'], verbs: ['list'] },
    ],
    ['a watch', { method: 'GET', path: COLLECTION, query: { watch: true } }, { apiGroup, resource, verbs: ['watch'] }],
    ['create', { method: 'POST', path: COLLECTION }, { apiGroup, resource, verbs: ['create'] }],
    ['delete', { method: 'DELETE', path: OBJECT }, { apiGroup, resource, resourceNames: ['batch'], verbs: ['delete'] }],
    ['count', { method: 'PUT', path: `${OBJECT}/status` }, { ...COUNT[0], resourceNames: ['batch'] }],
    [
      'an Event',
      { method: 'POST', path: '/api/v1/namespaces/jobs/events' },
      { apiGroup: '', resource: 'events', verbs: ['create'] },
    ],
  ])('names the rule for %s', (_, request, rule) => {
    expect(grantFor(request)).toMatchObject({ namespace: 'jobs', rules: [rule] });
  });

  it('names all that the verb needs, for all of its WaitGroups', () => {
    const call = { verb: 'done', flags: {}, names: ['batch'] };
    expect(grantFor({ method: 'GET', path: OBJECT, call })).toEqual({
      namespace: 'jobs',
      rules: [
        { ...READ, resourceNames: ['batch'] },
        { ...COUNT[0], resourceNames: ['batch'] },
      ],
      purpose: 'done',
    });
    const wait = { verb: 'wait', flags: {}, names: ['a', 'b'] };
    const request: RejectedRequest = { method: 'GET', path: COLLECTION, query: { fieldSelector: 'metadata.name=b' } };
    expect(grantFor({ ...request, call: wait })?.rules).toEqual([{ ...READ, resourceNames: ['a', 'b'] }]);
  });

  it('names what a worker needs, or a release, by what the call was for', () => {
    const path = '/apis/konductor.io/v1/namespaces/jobs/waitgroupworkers';
    const named = { resourceNames: ['batch'] };
    const call = { verb: 'done', flags: {}, names: ['batch'], isIdentified: true };
    const [report, workers] = REPORT;
    expect(grantFor({ method: 'POST', path, call })?.rules).toEqual([
      { ...READ, ...named },
      { ...report, ...named },
      workers,
    ]);
    // The name that run is given is not known here.
    const run = { verb: 'run', flags: {}, names: [], isIdentified: true };
    expect(grantFor({ method: 'GET', path: `${path}/batch.web-1.12345678`, call: run })?.rules).toEqual([
      { ...READ, ...named },
      { ...report, ...named },
      workers,
    ]);
    const [manage, records] = RELEASE;
    const release = { verb: 'release', flags: {}, names: ['batch'] };
    expect(grantFor({ method: 'PATCH', path: `${path}/batch.web-1.12345678`, call: release })?.rules).toEqual([
      { ...READ, ...named, verbs: ['get'] },
      { ...manage, ...named },
      records,
    ]);
  });

  it('names only what was denied if the verb does not need it', () => {
    const call = { verb: 'status', flags: {}, names: ['batch'] };
    const rules = [{ apiGroup: '', resource: 'pods', verbs: ['list'] }];
    expect(grantFor({ method: 'GET', path: '/api/v1/namespaces/jobs/pods', call })?.rules).toEqual(rules);
  });

  it('is for the cluster where no namespace is named', () => {
    expect(grantFor({ method: 'GET', path: waitGroupsPath() })?.namespace).toBeUndefined();
  });

  it('ignores a path without a resource', () => {
    expect(grantFor({ method: 'GET', path: '/version' })).toBeUndefined();
  });
});

describe('missingGrant', () => {
  it('ignores an error whose request is unknown', () => {
    expect(missingGrant(new ForbiddenError(403, {}))).toBeUndefined();
  });
});
