// The steps whose rounds fail: what a waiter's pod, kubectl and the Events say about them.
import { eventually } from '../support/waiting/eventually.ts';
import { type Scenario, WITHIN } from './step.ts';

/** One of three workers fails under `run --on-failure=fail`. */
export async function runFailing({ cluster, manifests, namespace }: Scenario): Promise<void> {
  await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], manifests.failing);
  await expectFailure({ cluster, namespace }, 'failing', {
    event: 'Failed',
    text: /WorkerFailed: .*code 7 \(by failing-1,/,
  });
}

/** The worker cannot report anything; the deadline does. */
export async function runKilled({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const inNamespace = ['-n', namespace, WITHIN];
  const patch = (spec: string) =>
    cluster.kubectl(['patch', 'waitgroup', 'killed', '-n', namespace, '--type=merge', '-p', `{"spec":${spec}}`]);
  await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], manifests.killed);
  await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/killed', ...inNamespace]);
  await cluster.kubectl(['wait', '--for=jsonpath={.status.startedAt}', 'waitgroup/killed', ...inNamespace]);
  await cluster.kubectl(['delete', 'pod', 'killed', '--force', '--grace-period=0', '-n', namespace]);
  await patch('{"deadline":"1s"}');
  await expectFailure({ cluster, namespace }, 'killed', {
    event: 'DeadlineExceeded',
    text: /DeadlineExceeded: .*counter was 1/,
  });
  await patch('{"ttl":"1s"}');
  await cluster.kubectl(['wait', '--for=delete', 'waitgroup/killed', ...inNamespace]);
}

/** From outside, as a pod's owner and as a reader of Events. `text` is what the pod of the waiter says of its end. */
async function expectFailure(
  { cluster, namespace }: Pick<Scenario, 'cluster' | 'namespace'>,
  name: string,
  { event, text }: { readonly event: string; readonly text: RegExp },
): Promise<void> {
  const inNamespace = ['-n', namespace];
  for (const sign of ['jsonpath={.status.outcome}=Failed', 'condition=Failed', 'condition=Stalled'])
    await cluster.kubectl(['wait', `--for=${sign}`, `waitgroup/${name}`, ...inNamespace, WITHIN]);
  const waiter = `job/${name}-waiter`;
  await cluster.kubectl(['wait', '--for=condition=Failed', waiter, ...inNamespace, WITHIN]);
  const pods = ['-l', `batch.kubernetes.io/job-name=${name}-waiter`];
  const ended = 'jsonpath={.items[*].status.initContainerStatuses[*].state.terminated}';
  const { exitCode, message } = JSON.parse(
    await cluster.kubectl(['get', 'pods', ...pods, ...inNamespace, '-o', ended]),
  );
  if (exitCode !== 6 || !text.test(message)) throw new Error(`the waiter exits with ${exitCode}: ${message}`);
  const selector = `involvedObject.kind=WaitGroup,involvedObject.name=${name},type=Warning,reason=${event}`;
  const list = ['get', 'events', ...inNamespace, '--field-selector', selector, '-o', 'name'];
  await eventually(`the Event ${event}`, () => cluster.kubectl(list));
}
