import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../../client/src/connect/token-claims.ts';

const tokenOf = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const sub = 'system:serviceaccount:jobs:worker';
const pod = { name: 'batch-2-x7k4q', uid: 'uid-1' };

describe('claimsOf', () => {
  it.each([
    ['of a pod', tokenOf({ sub, 'kubernetes.io': { pod } }), { namespace: 'jobs', pod }],
    ['of a pod with other claims', tokenOf({ 'kubernetes.io': { node: {}, pod: { ...pod, more: 1 } } }), { pod }],
    ['of an account alone', tokenOf({ sub }), { namespace: 'jobs' }],
    ['of another issuer', tokenOf({ sub: 'ada', 'kubernetes.io': { pod: null } }), {}],
    ['with a pod without a uid', tokenOf({ 'kubernetes.io': { pod: { name: 'one' } } }), {}],
    ['with a pod of another shape', tokenOf({ 'kubernetes.io': { pod: { name: 1, uid: '' } } }), {}],
    ['with null for all claims', tokenOf(null), {}],
    ['with a number for its account', tokenOf({ sub: 1, 'kubernetes.io': 2 }), {}],
    ['that is opaque', 'opaque', {}],
    ['that only looks like one', 'a.b.c', {}],
    ['that is empty', '', {}],
  ])('reads what a token says, and nothing else: one %s', (_, token, expected) => {
    expect(claimsOf(token)).toEqual({ namespace: undefined, pod: undefined, ...expected });
  });
});
