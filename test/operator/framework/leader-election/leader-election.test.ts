import { LeaderElection, type Moment } from '@konductor/operator';
import { expect, it } from 'vitest';
import { eventually } from '../../../support/waiting/eventually.ts';
import { captureLog } from '../../captured-logger.ts';
import { type FakeRequest, type FakeResponse, rejection, startFakeApiServer } from '../../fake-api-server.ts';

const times = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** A clock that is advanced by its sleeps and by tests. */
class ManualClock {
  ms = 0;
  readonly slept: number[] = [];
  now(): Moment {
    return { monotonicMs: this.ms, wall: new Date(Date.UTC(2026, 0, 1) + this.ms) };
  }
  async sleep(delayMs: number): Promise<void> {
    this.slept.push(delayMs);
    this.ms += delayMs;
    await new Promise(setImmediate);
  }
  random = () => 0;
}

type Lease = { metadata: { resourceVersion: string }; spec: Record<string, unknown> };

/** The part of the API server that serves one Lease. */
class LeaseStore {
  stored: Lease | undefined;
  #version = 0;
  respond({ method, body }: FakeRequest): FakeResponse {
    if (method === 'GET') return this.stored ? { body: this.stored } : rejection(404, 'NotFound');
    const sent = body as Lease;
    if (method === 'POST' && this.stored) return rejection(409, 'AlreadyExists');
    if (method === 'PUT' && sent.metadata.resourceVersion !== this.stored?.metadata.resourceVersion)
      return rejection(409, 'Conflict');
    return { body: this.write(sent) };
  }
  write(lease: { metadata?: object; spec: Record<string, unknown> }): Lease {
    this.stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } };
    return this.stored;
  }
}

interface Scenario {
  /** Replaces the store's response to request number `index` if it returns one; it may change the store and the clock. */
  readonly fault?: (index: number, request: FakeRequest, world: World) => FakeResponse | undefined;
  readonly holder?: string;
}
interface World {
  readonly store: LeaseStore;
  readonly clock: ManualClock;
}

/** Runs until leadership is lost or `requests` requests were sent, then stops. */
async function elect({ fault = () => undefined, holder }: Scenario, requests: number) {
  const clock = new ManualClock();
  const store = new LeaseStore();
  const spec = { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' };
  if (holder) store.write({ metadata: { name: 'lease', labels: { keep: 'me' } }, spec });
  const ending = new AbortController();
  let index = 0;
  await using server = await startFakeApiServer((request) => {
    if (index >= requests) ending.abort();
    return fault(index++, request, { store, clock }) ?? store.respond(request);
  });
  const { logger, lines } = captureLog();
  const lease = { namespace: 'system', name: 'lease' };
  const { transport } = server;
  const election = new LeaderElection({
    ...{ transport, logger, lease, fieldManager: 'test', identity: 'self', times, clock },
  });
  const leading: number[] = [];
  const outcome = await election
    .run(ending.signal, () => leading.push(clock.ms))
    .then(
      () => 'stopped',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  return { outcome, leading, store, clock, lines, election, methods: server.requests.map(({ method }) => method) };
}

it('creates the lease, leads, renews without reading, and releases the lease when it stops', async () => {
  const { outcome, leading, methods, store } = await elect({}, 4);
  expect(outcome).toBe('stopped');
  expect(leading).toEqual([0]);
  expect(methods.slice(0, 4)).toEqual(['GET', 'POST', 'PUT', 'PUT']);
  expect(store.stored?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
});

it('waits while the lease is renewed, whatever times it contains', async () => {
  const renewed = (index: number, _request: FakeRequest, { store }: World) => {
    store.write({ spec: { ...store.stored?.spec, renewTime: `1999-01-01T00:00:${10 + index}.000000Z` } });
    return undefined;
  };
  const { outcome, leading, methods, clock, lines } = await elect({ fault: renewed, holder: 'other' }, 20);
  expect([outcome, leading]).toEqual(['stopped', []]);
  expect(new Set(methods)).toEqual(new Set(['GET']));
  const reports = lines.filter(({ message }) => message === 'another instance is the leader');
  expect(reports.map(({ fields }) => fields.holder)).toEqual(['other']);
  expect(clock.ms).toBeGreaterThan(times.leaseDurationMs * 2);
});

it('takes over when the lease has not changed for its duration, and keeps fields of other writers', async () => {
  const { leading, store } = await elect({ holder: 'other' }, 12);
  expect(leading).toEqual([16_000]);
  expect(store.stored).toMatchObject({ metadata: { labels: { keep: 'me' } }, spec: { leaseTransitions: 1 } });
});

it('loses leadership at the renew deadline while the API server fails, and retries until then', async () => {
  const fault = (index: number): FakeResponse | undefined => (index > 1 ? { code: 500 } : undefined);
  const { outcome, clock, election, lines } = await elect({ fault }, 100);
  expect(outcome).toBe('LeadershipLostError: leader election lost: the lease was not renewed in time');
  expect(clock.ms).toBe(times.renewDeadlineMs);
  expect(election.isLeading).toBe(false);
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(
    Array(4).fill('leader election attempt failed, retrying'),
  );
});

it('keeps leading when a renewal fails and the next one succeeds', async () => {
  const fault = (index: number): FakeResponse | undefined => ([3, 4].includes(index) ? { code: 503 } : undefined);
  expect(await elect({ fault }, 8)).toMatchObject({ outcome: 'stopped', leading: [0] });
});

it('takes the lease that it acquired although the response was lost', async () => {
  const fault = (index: number, request: FakeRequest, { store }: World) => {
    if (index !== 1) return undefined;
    store.respond(request);
    return { code: 504 };
  };
  const { leading, methods } = await elect({ fault }, 4);
  expect(leading).toEqual([times.retryPeriodMs]);
  expect(methods.slice(0, 4)).toEqual(['GET', 'POST', 'GET', 'PUT']);
});

it('keeps leading after a renewal that succeeded although the response was lost', async () => {
  const fault = (index: number, request: FakeRequest, { store }: World) => {
    if (index !== 2) return undefined;
    store.respond(request);
    return { code: 504 };
  };
  const { outcome, methods } = await elect({ fault }, 6);
  expect(outcome).toBe('stopped');
  expect(methods.slice(0, 6)).toEqual(['GET', 'POST', 'PUT', 'PUT', 'GET', 'PUT']);
});

it('recreates a deleted lease, and keeps leading', async () => {
  const fault = (index: number, _request: FakeRequest, { store }: World) => {
    if (index !== 2) return undefined;
    store.stored = undefined;
    return rejection(404, 'NotFound');
  };
  const { outcome, leading, methods } = await elect({ fault }, 6);
  expect([outcome, leading]).toEqual(['stopped', [0]]);
  expect(methods.slice(0, 6)).toEqual(['GET', 'POST', 'PUT', 'GET', 'POST', 'PUT']);
});

it('loses leadership as soon as it reads another holder', async () => {
  const fault = (index: number, _request: FakeRequest, { store }: World) => {
    if (index === 2) store.write({ spec: { ...store.stored?.spec, holderIdentity: 'other' } });
    return undefined;
  };
  const { outcome, store } = await elect({ fault }, 100);
  expect(outcome).toBe('LeadershipLostError: leader election lost: other holds the lease');
  expect(store.stored?.spec.holderIdentity).toBe('other');
});

it('loses leadership when the response to its renewal comes after the deadline', async () => {
  const fault = (index: number, _request: FakeRequest, { clock }: World) => {
    if (index === 2) clock.ms += times.renewDeadlineMs;
    return undefined;
  };
  expect((await elect({ fault }, 100)).outcome).toMatch(/^LeadershipLostError/);
});

it('leaves the lease to a candidate that was faster', async () => {
  const fault = (index: number, _request: FakeRequest, { store }: World) => {
    if (index === 1) store.write({ spec: { holderIdentity: 'other', leaseDurationSeconds: 15 } });
    return undefined;
  };
  const { leading, methods } = await elect({ fault }, 4);
  expect(leading).toEqual([]);
  expect(methods.slice(0, 3)).toEqual(['GET', 'POST', 'GET']);
});

it('logs the missing permission', async () => {
  const { lines } = await elect({ fault: () => rejection(403, 'Forbidden') }, 2);
  const warning = await eventually('the warning', () => lines.find(({ level }) => level === 'warn'));
  expect(warning.fields.hint).toMatch(/^grant create, get and update on leases/);
});
