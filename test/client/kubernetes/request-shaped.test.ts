import { describe, expect, it } from 'vitest';
import { listAll } from '../../../client/src/kubernetes/list.ts';
import { isAllowed, reviewSelf } from '../../../client/src/kubernetes/self-review.ts';
import { isServed, servedSchema, serverVersion } from '../../../client/src/kubernetes/server-info.ts';
import type { KubeTransport } from '../../../client/src/transport/transport.ts';
import { respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const KIND = { groupVersion: 'konductor.io/v1', kind: 'WaitGroup' };
const ACCESS = { namespace: 'default', group: 'konductor.io', resource: 'waitgroups', verb: 'get' };

const requests: readonly [name: string, send: (transport: KubeTransport) => Promise<unknown>][] = [
  ['a list', (transport) => listAll(transport, { path: '/waitgroups' })],
  ['a version', serverVersion],
  ['an APIResourceList', (transport) => isServed(transport, KIND)],
  ['an OpenAPI document', (transport) => servedSchema(transport, KIND)],
  ['a SelfSubjectReview', reviewSelf],
  ['a SelfSubjectAccessReview', (transport) => isAllowed(transport, ACCESS)],
];
const responses: readonly unknown[] = [
  null,
  7,
  'text',
  [],
  {},
  { items: [null], metadata: { resourceVersion: '1' } },
  { resources: [null], status: null, gitVersion: 7, components: { schemas: { a: null } } },
  { resources: null, status: { userInfo: null, allowed: 'yes' }, components: null },
];

describe.each(requests)('a response that is not %s', (name, send) => {
  it.each(responses.map((response) => [JSON.stringify(response), response] as const))(
    'is reported as such: %s',
    async (_, body) => {
      const server = await startLoopback((response) => respondJson(response, body));
      await expect(send(transportTo(server.url))).rejects.toThrow(
        `the response is not ${name}: is ${server.url.origin} the API server?`,
      );
    },
  );
});
