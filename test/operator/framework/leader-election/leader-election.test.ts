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
  readonly election: Pick<LeaderElection, 'isLeading'>;
}

/** Runs until `requests` requests were sent, then stops. */
async function elect({ fault = () => undefined, holder }: Scenario, requests: number) {
  const clock = new ManualClock();
  const store = new LeaseStore();
  const spec = { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' };
  if (holder) store.write({ metadata: { name: 'lease', labels: { keep: 'me' } }, spec });
  const ending = new AbortController();
  let index = 0;
  await using server = await startFakeApiServer((request) => {
    if (index >= requests) ending.abort();
    return fault(index++, request, { store, clock, election }) ?? store.respond(request);
  });
  const { logger, lines } = captureLog();
  const lease = { namespace: 'system', name: 'lease' };
  const { transport } = server;
  const election = new LeaderElection({
    ...{ transport, logger, lease, fieldManager: 'test', identity: 'self', times, clock },
  });
  const leading: number[] = [];
  await election.run(ending.signal, () => leading.push(clock.ms));
  return { leading, store, clock, lines, election, methods: server.requests.map(({ method }) => method) };
}

it('creates the lease, leads, renews without reading, and releases the lease when it stops', async () => {
  const { leading, methods, store } = await elect({}, 4);
  expect(leading).toEqual([0]);
  expect(methods.slice(0, 4)).toEqual(['GET', 'POST', 'PUT', 'PUT']);
  expect(store.stored?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
});

it('waits while the lease is renewed, whatever times it contains', async () => {
  const renewed = (index: number, _request: FakeRequest, { store }: World) => {
    store.write({ spec: { ...store.stored?.spec, renewTime: `1999-01-01T00:00:${10 + index}.000000Z` } });
    return undefined;
  };
  const { leading, methods, clock, lines } = await elect({ fault: renewed, holder: 'other' }, 20);
  expect(leading).toEqual([]);
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

it('is on standby from the renew deadline while the API server fails, and leads again at its first response', async () => {
  const leads: [number, boolean][] = [];
  const fault = (index: number, _request: FakeRequest, { clock, election }: World): FakeResponse | undefined => {
    leads.push([clock.ms, election.isLeading]);
    return index > 1 && clock.ms < 300_000 ? { code: 500 } : undefined;
  };
  const { leading, lines, store } = await elect({ fault }, 160);
  for (const [ms, isLeading] of leads.slice(2))
    expect([ms, isLeading]).toEqual([ms, ms < times.renewDeadlineMs || ms > 300_000]);
  // It holds the lease, so it does not wait until that expires.
  expect(leading).toEqual([0, 300_000]);
  expect(store.stored?.spec.leaseTransitions).toBe(0);
  const reports = lines.filter(({ message }) => /lead/.test(message) && !/attempt/.test(message));
  expect(reports.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info became leader',
    'warn lost the leader lease, on standby',
    'info became leader',
    'info released the leader lease',
  ]);
});

it('keeps leading when a renewal fails and the next one succeeds', async () => {
  const fault = (index: number): FakeResponse | undefined => ([3, 4].includes(index) ? { code: 503 } : undefined);
  expect(await elect({ fault }, 8)).toMatchObject({ leading: [0] });
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
  const { leading, methods } = await elect({ fault }, 6);
  expect(leading).toEqual([0]);
  expect(methods.slice(0, 6)).toEqual(['GET', 'POST', 'PUT', 'PUT', 'GET', 'PUT']);
});

it('recreates a deleted lease, and keeps leading', async () => {
  const fault = (index: number, _request: FakeRequest, { store }: World) => {
    if (index !== 2) return undefined;
    store.stored = undefined;
    return rejection(404, 'NotFound');
  };
  const { leading, methods } = await elect({ fault }, 6);
  expect(leading).toEqual([0]);
  expect(methods.slice(0, 6)).toEqual(['GET', 'POST', 'PUT', 'GET', 'POST', 'PUT']);
});

it('is on standby as soon as it reads another holder, and leads again when that lease has expired', async () => {
  const fault = (index: number, _request: FakeRequest, { store }: World) => {
    if (index === 2) store.write({ spec: { ...store.stored?.spec, holderIdentity: 'other' } });
    return undefined;
  };
  const { leading, store } = await elect({ fault }, 4);
  expect(leading).toEqual([0]);
  expect(store.stored?.spec.holderIdentity).toBe('other');
  const later = await elect({ fault }, 20);
  expect(later.leading).toEqual([0, times.retryPeriodMs + 16_000]);
  expect(later.store.stored?.spec).toMatchObject({ leaseTransitions: 1 });
});

it('begins another term when the response to its renewal comes after the deadline', async () => {
  const fault = (index: number, _request: FakeRequest, { clock }: World) => {
    if (index === 2) clock.ms += times.renewDeadlineMs - 1;
    return undefined;
  };
  // Sent at 2 s, it renews until 12 s; the response comes at 11.999 s, and the deadline was at 10 s.
  expect((await elect({ fault }, 6)).leading.slice(0, 2)).toEqual([0, 11_999]);
});

it('does not lead by a renewal whose response comes after its own deadline', async () => {
  const fault = (index: number, _request: FakeRequest, { clock }: World) => {
    if (index === 2) clock.ms += times.renewDeadlineMs;
    return undefined;
  };
  const { leading } = await elect({ fault }, 6);
  expect(leading).toEqual([0, 14_000]);
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
