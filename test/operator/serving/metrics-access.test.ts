import { MetricsAccess } from '@konductor/operator';
import { expect, it } from 'vitest';
import { captureLog } from '../captured-logger.ts';
import { type FakeRequest, type FakeResponse, rejection, startFakeApiServer } from '../fake-api-server.ts';

const USER = { username: 'prometheus', uid: '1', groups: ['system:authenticated'], extra: { pod: ['a'] } };
const tokenOf = ({ body }: FakeRequest) => (body as { spec: { token?: string } }).spec.token;

/** An API server that authenticates tokens which begin with `known`, and authorizes `known-reader…`. */
function review(request: FakeRequest): FakeResponse {
  const token = tokenOf(request);
  const user = { ...USER, username: token ?? '' };
  if (token !== undefined) return { body: { status: { authenticated: token.startsWith('known'), user } } };
  const { spec } = request.body as { spec: { user: string } };
  return { body: { status: { allowed: spec.user.startsWith('known-reader') } } };
}

async function startAccess(respond: (request: FakeRequest) => FakeResponse = review, maxVerdicts?: number) {
  const server = await startFakeApiServer(respond);
  const { logger, lines } = captureLog();
  const clock = { ms: 0 };
  const access = new MetricsAccess({
    ...{ transport: server.transport, logger, now: () => clock.ms },
    ...(maxVerdicts && { maxVerdicts }),
  });
  const route = access.guard({ '/metrics': () => ({ code: 200, body: 'metrics' }) })['/metrics'];
  const ask = async (authorization?: string) => (await route?.({ path: '/metrics', authorization }))?.code;
  return { server, lines, clock, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it.each([
  ['nothing', undefined, 401],
  ['a password', 'Basic a25vd24=', 401],
  ['no token', 'Bearer ', 401],
  ['an unknown token', 'Bearer unknown', 401],
  ['a token without the permission', 'Bearer known', 403],
  ['a token with the permission', 'Bearer known-reader', 200],
  ['the scheme in lower case', 'bearer known-reader', 200],
])('responds to %s', async (_what, authorization, code) => {
  await using access = await startAccess();
  expect(await access.ask(authorization)).toBe(code);
});

it('reviews the token, then the access of its user to the path', async () => {
  await using access = await startAccess();
  await access.ask('Bearer known-reader');
  const nonResourceAttributes = { path: '/metrics', verb: 'get' };
  const { username: _, ...user } = USER;
  expect(access.server.requests).toMatchObject([
    { path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { spec: { token: 'known-reader' } } },
    {
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { spec: { user: 'known-reader', ...user, nonResourceAttributes } },
    },
  ]);
});

it.each([
  ['known-reader', 2, 60_000],
  ['known', 2, 10_000],
  ['unknown', 1, 10_000],
])('caches the verdict on %s', async (token, requests, forMs) => {
  await using access = await startAccess();
  await access.ask(`Bearer ${token}`);
  access.clock.ms = forMs - 1;
  await access.ask(`Bearer ${token}`);
  expect(access.server.requests).toHaveLength(requests);
  access.clock.ms = forMs;
  await access.ask(`Bearer ${token}`);
  expect(access.server.requests).toHaveLength(2 * requests);
});

it('drops the oldest rejection when its cache is full, and keeps what is allowed', async () => {
  await using access = await startAccess(review, 3);
  await access.ask('Bearer known-reader');
  for (let index = 0; index <= 2; index++) await access.ask(`Bearer unknown-${index}`);
  const before = access.server.requests.length;
  for (const token of ['known-reader', 'unknown-1', 'unknown-2']) await access.ask(`Bearer ${token}`);
  expect(access.server.requests).toHaveLength(before);
  await access.ask('Bearer unknown-0');
  expect(access.server.requests).toHaveLength(before + 1);
});

it('drops the oldest verdict when all in its cache are allowed', async () => {
  await using access = await startAccess(review, 2);
  for (let index = 0; index <= 2; index++) await access.ask(`Bearer known-reader-${index}`);
  const before = access.server.requests.length;
  await access.ask('Bearer known-reader-1');
  expect(access.server.requests).toHaveLength(before);
  await access.ask('Bearer known-reader-0');
  expect(access.server.requests).toHaveLength(before + 2);
});

it('reviews 20 unknown tokens a second, and always those that were allowed before', async () => {
  await using access = await startAccess();
  expect(await access.ask('Bearer known-reader')).toBe(200);
  access.clock.ms = 60_000;
  const codes = [];
  for (let index = 0; index <= 20; index++) codes.push(await access.ask(`Bearer unknown-${index}`));
  expect(codes).toEqual([...Array(20).fill(401), 429]);
  expect(await access.ask('Bearer known-reader')).toBe(200);
  expect(await access.ask('Bearer unknown-0')).toBe(401);
  access.clock.ms += 1_000;
  expect(await access.ask('Bearer unknown-20')).toBe(401);
});

it('hides the cause of a failed review from the reader, logs it, and does not cache it', async () => {
  await using access = await startAccess(() => rejection(403, 'Forbidden'));
  expect([await access.ask('Bearer known'), await access.ask('Bearer known')]).toEqual([500, 500]);
  const warning = { level: 'warn', fields: { hint: 'grant create on tokenreviews and subjectaccessreviews' } };
  expect(access.lines).toMatchObject([warning, warning]);
});
