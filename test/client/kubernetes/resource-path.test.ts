import { resourcePath } from '@konductor/client';
import { expect, it } from 'vitest';

it.each([
  [{ apiVersion: 'apps/v1', resource: 'deployments' }, '/apis/apps/v1/deployments'],
  [{ apiVersion: 'v1', resource: 'events', namespace: 'jobs' }, '/api/v1/namespaces/jobs/events'],
  [{ apiVersion: 'v1', resource: 'pods', namespace: 'a/b', name: 'c?d' }, '/api/v1/namespaces/a%2Fb/pods/c%3Fd'],
])('builds the path of %j', (reference, path) => {
  expect(resourcePath(reference)).toBe(path);
});
