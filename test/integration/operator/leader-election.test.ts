// Operators that share a lease, as separate processes with the permissions of install.yaml.
import { WaitGroupClient } from '@konductor/client';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type AuditEvent, auditEvents } from '../../support/cluster/audit.ts';
import {
  installOperator,
  OPERATOR,
  operatorRequests,
  startOperatorIn,
} from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { isReady, metricsOf, type OperatorProcess } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const LEASE = ['lease', 'konductor-operator', '-n', 'konductor-system'];
const LEASE_MS = 3_000;
/** The longest pause of a candidate: a period of 500 ms and its jitter. */
const RETRY_MS = 1_100;
/** For a busy machine. */
const SLACK_MS = 15_000;
const times = (lease: string, renew: string) => [
  '--leader-elect',
  `--leader-elect-lease-duration=${lease}`,
  `--leader-elect-renew-deadline=${renew}`,
  '--leader-elect-retry-period=500ms',
];
/** For operators that lose the lease. */
const FAST = times('3s', '2s');
/** For operators that keep the lease, however slow the machine is. */
const CALM = times('1m', '40s');

let kubeconfig: string;
let namespace: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});
beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'leader');
  await kubectlOutput(controlPlane, ['delete', ...LEASE, '--ignore-not-found']);
});

const has = ({ log }: OperatorProcess, message: string) => log.find(({ msg }) => msg === message);
const reconciliations = ({ log }: OperatorProcess) => log.filter(({ msg }) => msg === 'reconciled').length;
const leads = (operator: OperatorProcess) => eventually('its leadership', () => has(operator, 'became leader'));
const signal = ({ pid }: OperatorProcess, name: NodeJS.Signals) => process.kill(pid, name);
const start = (flags = CALM) => startOperatorIn(namespace, kubeconfig, ...flags);

/** The first one leads, the second one is on standby. */
async function startTwo(flags = CALM): Promise<[leader: OperatorProcess, standby: OperatorProcess]> {
  const leader = await start(flags);
  await leads(leader);
  return [leader, await start(flags)];
}

const isInitialised = async (name: string) =>
  (await new WaitGroupClient(transport, { namespace }).get(name)).status !== undefined;
const createdAndInitialised = async (name: string) => {
  await create(namespace, { metadata: { name } });
  await eventually('the initial status', () => isInitialised(name));
};

interface Lease {
  readonly spec: {
    readonly holderIdentity: string;
    readonly leaseTransitions: number;
    /** RFC 3339, of the holder's clock, which is that of the others here. */
    readonly acquireTime: string;
    readonly renewTime: string;
  };
}
const lease = async () => (await kubectlJson<Lease>(controlPlane, ['get', ...LEASE])).spec;

describe('with two operators', () => {
  it('one reconciles; the other is ready and on standby', async () => {
    const [leader, standby] = await startTwo();
    await createdAndInitialised('group');
    expect(await isReady(standby)).toBe(true);
    await eventually('its cache', () => has(standby, 'cache synced'));
    expect(reconciliations(leader)).toBeGreaterThan(0);
    expect(reconciliations(standby)).toBe(0);
    expect(await metricsOf(leader)).toContain('leader_election_master_status{name="konductor-operator"} 1');
    const hasCachedIt = async () => /^konductor_waitgroups\{phase="Done"\} 1$/m.test(await metricsOf(standby));
    await eventually('the WaitGroup in the cache of the standby', hasCachedIt);
    const metrics = await metricsOf(standby);
    expect(metrics).toContain('leader_election_master_status{name="konductor-operator"} 0');
    expect(metrics).not.toMatch(/^rest_client_requests_total\{.*method="(PUT|POST|DELETE)"/m);
  });

  it('the other takes over after kill -9: not before the lease expires, and soon after', async () => {
    const [leader, standby] = await startTwo(FAST);
    await createdAndInitialised('before');
    signal(leader, 'SIGKILL');
    await leader.exited;
    const killedAt = Date.now();
    const { renewTime, leaseTransitions } = await lease();
    await create(namespace, { metadata: { name: 'between' } });
    await leads(standby);
    const takenAt = Date.parse((await lease()).acquireTime);
    expect(takenAt - Date.parse(renewTime)).toBeGreaterThanOrEqual(LEASE_MS);
    expect(takenAt - killedAt).toBeLessThan(LEASE_MS + RETRY_MS + SLACK_MS);
    await eventually('the WaitGroup that was created without a leader', () => isInitialised('between'));
    expect(await lease()).toMatchObject({ leaseTransitions: leaseTransitions + 1 });
  });

  it('the standby takes over from a leader that is paused for too long, which is on standby then', async () => {
    const [leader, standby] = await startTwo(FAST);
    await createdAndInitialised('before');
    // It reconciles its own write too; do not pause it during that.
    await eventually('the reconciliation of its own write', () => reconciliations(leader) === 2);
    signal(leader, 'SIGSTOP');
    await leads(standby);
    const handledBefore = reconciliations(leader);
    await createdAndInitialised('after');
    signal(leader, 'SIGCONT');
    await eventually('the loss of the lease', () => has(leader, 'lost the leader lease, on standby'));
    await createdAndInitialised('later');
    expect(reconciliations(leader)).toBe(handledBefore);
    expect(await isReady(leader)).toBe(true);
    // It takes over again in its turn.
    expect(await standby.stop()).toBe(0);
    await createdAndInitialised('last');
  });

  it('the other takes over at once when the first shuts down gracefully, however long the lease', async () => {
    const [leader, standby] = await startTwo(times('10m', '5m'));
    const { leaseTransitions } = await lease();
    expect(await leader.stop()).toBe(0);
    expect(has(leader, 'released the leader lease')).toBeDefined();
    await leads(standby);
    await createdAndInitialised('group');
    expect(await lease()).toMatchObject({ leaseTransitions: leaseTransitions + 1 });
  });
});

it('an operator that shuts down gracefully leaves a lease that nobody holds', async () => {
  const operator = await start();
  await leads(operator);
  expect((await lease()).holderIdentity).toMatch(/.+_[0-9a-f-]{36}$/);
  await operator.stop();
  expect(await lease()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
});

it('an operator emits Events when it becomes the leader and when it stops leading', async () => {
  const operator = await start();
  await leads(operator);
  const { holderIdentity } = await lease();
  await operator.stop();
  const events = ['get', 'events', '-n', 'konductor-system', '--field-selector=reason=LeaderElection'];
  const { items } = await kubectlJson<{ items: { message: string; involvedObject: object }[] }>(controlPlane, events);
  const own = items.filter(({ message }) => message.startsWith(holderIdentity));
  const involvedObject = {
    ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', uid: expect.any(String) },
    ...{ namespace: 'konductor-system', name: 'konductor-operator' },
  };
  expect(own).toHaveLength(2);
  expect(own).toContainEqual(
    expect.objectContaining({
      message: `${holderIdentity} became leader`,
      involvedObject: expect.objectContaining(involvedObject),
    }),
  );
  expect(own).toContainEqual(expect.objectContaining({ message: `${holderIdentity} stopped leading` }));
});

it('gets no rejection from the first list to the release, and nobody else writes the lease', async () => {
  const operator = await start();
  await leads(operator);
  await create(namespace, { spec: { ttl: '0s', initialCount: 1 } });
  await new WaitGroupClient(transport, { namespace }).done('group');
  const ownNamespace = async () => operatorRequests(controlPlane, namespace);
  const events = async () => (await ownNamespace()).filter(({ objectRef }) => objectRef?.resource === 'events').length;
  await eventually('both Events', async () => (await events()) >= 2);
  await operator.stop();
  const onLease = () =>
    auditEvents(controlPlane, { resource: 'leases', namespace: 'konductor-system', name: 'konductor-operator' });
  const isRelease = ({ userAgent, verb }: AuditEvent) =>
    verb === 'update' && userAgent?.startsWith('konductor-operator/');
  await eventually('the release', async () => (await onLease()).some(isRelease));
  // Another test's operator tries to acquire a lease of its own without permission.
  const isForeign = ({ objectRef }: AuditEvent) =>
    objectRef?.resource === 'leases' && ![undefined, 'konductor-operator'].includes(objectRef.name);
  const inSystem = (await operatorRequests(controlPlane, 'konductor-system')).filter((one) => !isForeign(one));
  const requests = [...(await ownNamespace()), ...inSystem];
  const kinds = new Set(requests.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`));
  // The lease already exists if other tests have applied the manifests.
  expect(new Set([...kinds, 'create leases'])).toEqual(
    new Set([
      ...['list waitgroups', 'watch waitgroups', 'update waitgroups', 'delete waitgroups', 'create events'],
      ...['list waitgroupworkers', 'watch waitgroupworkers'],
      ...['list jobs', 'watch jobs', 'list pods', 'watch pods'],
      ...['get leases', 'create leases', 'update leases'],
    ]),
  );
  expect(requests.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))).toEqual([]);
  const writes = (await onLease()).filter(({ verb }) => ['create', 'update', 'patch'].includes(verb));
  // Other tests apply the manifests meanwhile, including the lease.
  const writers = writes.map(({ user }) => user.username).filter((name) => name !== 'konductor-admin');
  expect(new Set(writers)).toEqual(new Set([OPERATOR]));
});
