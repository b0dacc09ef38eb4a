// spec.deadline on a real API server: when a round fails, and when it does not.
import { sleep, WaitGroupClient } from '@konductor/client';
import { parseDuration, type WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { operatorWrite } from '../../support/cluster/audited-writes.ts';
import { eventsAbout } from '../../support/cluster/events-about.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, replace, replaceStatus, transport } from '../../support/cluster/raw-requests.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;
/** Most tests share one namespace and its operator. */
let namespace: string;
let operator: OperatorProcess;
let names = 0;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
  namespace = await newNamespace();
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

const newNamespace = () => createNamespace(controlPlane, 'deadline');
const clientOf = (itsNamespace: string) => new WaitGroupClient(transport, { namespace: itsNamespace });

/** A WaitGroup with outstanding work; without a deadline if it is undefined. */
async function createWaiting(deadline: string | undefined, itsNamespace = namespace): Promise<string> {
  const name = `group-${++names}`;
  await create(itsNamespace, { metadata: { name }, spec: { initialCount: 1, ...(deadline && { deadline }) } });
  return name;
}

/** The WaitGroup, once it has reached this state. */
const once = (name: string, what: string, isReached: (group: WaitGroup) => unknown, itsNamespace = namespace) =>
  eventually(`the ${what} of ${name}`, async () => {
    const group = await api.get(itsNamespace, name);
    return isReached(group) ? group : undefined;
  });
const started = (name: string, itsNamespace?: string) =>
  once(name, 'start', ({ status }) => status?.startedAt, itsNamespace);
const failed = (name: string, itsNamespace?: string) =>
  once(name, 'failure', ({ status }) => status?.outcome === 'Failed', itsNamespace);
const outcomeOf = async (name: string, itsNamespace = namespace) => (await api.get(itsNamespace, name)).status?.outcome;

async function changeDeadline(name: string, deadline: string | undefined, itsNamespace = namespace): Promise<void> {
  await eventually(`the new deadline of ${name}`, async () => {
    const group = await api.get(itsNamespace, name);
    return replace(group, { spec: { ...group.spec, deadline } });
  });
}

/** Resolves when the operator has failed a WaitGroup with this deadline that it observed after all others. */
const passDeadline = async (deadline: string) => failed(await createWaiting(deadline));

const millisecondsOf = (duration: string) => {
  const parsed = parseDuration(duration);
  return parsed.ok ? Number(parsed.nanoseconds) / 1e6 : Number.NaN;
};
const startOf = ({ status }: WaitGroup) => Date.parse(status?.startedAt ?? '');

/** Milliseconds between the end of the deadline and the write that failed the round, from the audit log. */
async function lateness(name: string, deadline: string, itsNamespace = namespace): Promise<number> {
  const isFailure = ({ status }: { status: WaitGroup['status'] }) => status?.outcome === 'Failed';
  const write = await operatorWrite({ namespace: itsNamespace, name }, 'the failure', isFailure);
  return write.receivedMs - Date.parse(write.status?.startedAt ?? '') - millisecondsOf(deadline);
}

/** Never early, whatever it took. */
async function expectInTime(name: string, deadline: string, itsNamespace = namespace): Promise<number> {
  const lateMs = await lateness(name, deadline, itsNamespace);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  return lateMs;
}

describe('a round with a deadline', () => {
  it.each(['300ms', '1s', '2.5s'])('of %s fails within a second after it, not before', async (deadline) => {
    await expectOnceWithin(1_000, async () => {
      const name = await createWaiting(deadline);
      await failed(name);
      return expectInTime(name, deadline);
    });
  });

  it('fails with a failure, conditions for kubectl wait, and an Event', async () => {
    const name = await createWaiting('300ms');
    const wait = ['wait', '-n', namespace, `waitgroup/${name}`, '--timeout=60s'];
    await kubectlOutput(controlPlane, [...wait, '--for=condition=Failed']);
    await kubectlOutput(controlPlane, [...wait, '--for=jsonpath={.status.outcome}=Failed']);
    const group = await api.get(namespace, name);
    const message = 'Work was outstanding longer than the deadline of 300ms; the counter was 1';
    expect(group.status).toMatchObject({
      ...{ counter: 1, phase: 'Waiting', outcome: 'Failed', failures: 1 },
      failure: { reason: 'DeadlineExceeded', message, at: group.status?.failedAt },
      conditions: [
        { type: 'Done', status: 'False' },
        { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message },
        { type: 'Stalled', status: 'True', reason: 'DeadlineExceeded', message },
      ],
    });
    const events = await eventually('the Event', () => eventsAbout(controlPlane, group));
    expect(events).toMatchObject([{ type: 'Warning', reason: 'DeadlineExceeded', message }]);
  });

  it('succeeds if its work is done in time', async () => {
    await withEnoughTime(async ({ text: deadline }) => {
      const name = await createWaiting(deadline);
      await started(name);
      await clientOf(namespace).done(name);
      await passDeadline(deadline);
      expect((await api.get(namespace, name)).status).toMatchObject({ outcome: 'Succeeded', completions: 1 });
    });
  });

  it('either succeeds or fails, never both, when its work is done at the end of the deadline', async () => {
    const raced = await Promise.all(Array.from({ length: 60 }, () => createWaiting('1h')));
    const end = async (name: string, index: number) => {
      const startMs = startOf(await started(name));
      const deadlineMs = Date.now() + 1_000;
      await changeDeadline(name, `${deadlineMs - startMs}ms`);
      // From shortly before the deadline to shortly after it: a done takes a few milliseconds.
      await sleep(deadlineMs - Date.now() + index - 45);
      await clientOf(namespace).done(name);
    };
    await Promise.all(raced.map(end));
    for (const name of raced) {
      const { status } = await once(name, 'completion', (group) => group.status?.completedAt);
      const { counter, outcome, failures = 0, failure } = status ?? {};
      const expected = outcome === 'Failed' ? [1, 'DeadlineExceeded'] : [0, undefined];
      expect([counter, outcome, failures, failure?.reason]).toEqual([0, outcome, ...expected]);
    }
  });

  it('fails in every round that takes too long', async () => {
    const name = await createWaiting('300ms');
    await failed(name);
    await clientOf(namespace).done(name);
    await clientOf(namespace).add(name, 1);
    const again = await once(name, 'second failure', ({ status }) => status?.failures === 2);
    expect(again.status).toMatchObject({ outcome: 'Failed', completions: 1 });
    const isSecond = ({ status }: { status: WaitGroup['status'] }) => status?.failures === 2;
    const { receivedMs } = await operatorWrite({ namespace, name }, 'the second failure', isSecond);
    expect(receivedMs - startOf(again)).toBeGreaterThanOrEqual(300);
  });
});

describe('a changed deadline', () => {
  it.each<[string, string | undefined]>([
    ['removed', undefined],
    ['extended', '1h'],
  ])('that is %s in time fails nothing', async (_what, changed) => {
    await withEnoughTime(async ({ text: deadline }) => {
      const name = await createWaiting(deadline);
      await started(name);
      await changeDeadline(name, changed);
      await passDeadline(deadline);
      expect(await outcomeOf(name)).toBeUndefined();
    });
  });

  it('fails the round at once if it is shortened into the past, and at its end if it is shortened to the future', async () => {
    const [past, future] = await Promise.all([createWaiting('1h'), createWaiting('1h')]);
    await eventually('a start in the past', async () => Date.now() - startOf(await started(past)) > 500);
    const later = `${Date.now() - startOf(await started(future)) + 1_500}ms`;
    await Promise.all([changeDeadline(past, '500ms'), changeDeadline(future, later)]);
    await Promise.all([failed(past), failed(future)]);
    await expectInTime(past, '500ms');
    await expectInTime(future, later);
  });

  it('that is set while work is outstanding starts when the operator observes it', async () => {
    const name = await createWaiting(undefined);
    await once(name, 'initial status', ({ status }) => status?.observedGeneration);
    await sleep(500);
    const beforeMs = Date.now();
    await changeDeadline(name, '500ms');
    expect(startOf(await failed(name))).toBeGreaterThanOrEqual(beforeMs);
    await expectInTime(name, '500ms');
  });
});

describe('an operator that restarts', () => {
  it('fails what has passed its deadline when it is back, and not before', async () => {
    const own = await newNamespace();
    const first = await startOperatorIn(own, kubeconfig);
    const name = await createWaiting('1h', own);
    const startMs = startOf(await started(name, own));
    expect(await first.stop()).toBe(0);
    await changeDeadline(name, '500ms', own);
    await eventually('the end of the deadline', () => Date.now() > startMs + 500);
    expect(await outcomeOf(name, own)).toBeUndefined();
    await startOperatorIn(own, kubeconfig);
    expect(startOf(await failed(name, own))).toBe(startMs);
  });

  it('keeps the start of the round, and fails it in time', async () => {
    await expectOnceWithin(1_000, async () => {
      const own = await newNamespace();
      const first = await startOperatorIn(own, kubeconfig);
      const name = await createWaiting('5s', own);
      const startMs = startOf(await started(name, own));
      expect(await first.stop()).toBe(0);
      await startOperatorIn(own, kubeconfig);
      expect(startOf(await failed(name, own))).toBe(startMs);
      return expectInTime(name, '5s', own);
    });
  });

  it('starts the deadline of a round that it did not see begin when it observes that', async () => {
    const own = await newNamespace();
    const name = await createWaiting('500ms', own);
    await sleep(500);
    const beforeMs = Date.now();
    await startOperatorIn(own, kubeconfig);
    expect(startOf(await failed(name, own))).toBeGreaterThanOrEqual(beforeMs);
    await expectInTime(name, '500ms', own);
  });
});

describe('a forged startedAt', () => {
  async function forge(name: string, startedAt: string): Promise<void> {
    await eventually(`the forged start of ${name}`, async () => {
      const group = await api.get(namespace, name);
      return replaceStatus(group, { ...group.status, startedAt });
    });
  }

  it.each(['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'that is impossible is corrected: %s',
    async (startedAt) => {
      const beforeMs = Date.now();
      const name = await createWaiting('1h');
      await started(name);
      await forge(name, startedAt);
      const group = await once(name, 'correction', ({ status }) => status?.startedAt !== startedAt);
      expect(startOf(group)).toBeGreaterThanOrEqual(beforeMs);
      expect(group.status).not.toHaveProperty('outcome');
      const events = await eventually('the Event', () => eventsAbout(controlPlane, group));
      expect(events).toMatchObject([
        { type: 'Warning', reason: 'Corrected', message: expect.stringContaining(`status.startedAt was ${startedAt}`) },
      ]);
    },
  );

  it('that is possible does not fail a round early whose start the operator observed', async () => {
    const name = await createWaiting('45s');
    const group = await started(name);
    // Another API server's clock may be a minute behind.
    await forge(name, new Date(startOf(group) - 50_000).toISOString());
    await passDeadline('300ms');
    expect(await outcomeOf(name)).toBeUndefined();
  });
});
