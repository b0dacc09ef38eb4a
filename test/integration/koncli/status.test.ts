import { hostname } from 'node:os';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
const HOUR_MS = 3_600_000;
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'status');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const overview = (...args: string[]) => koncli(['status', ...args, '-n', namespace], controlPlane);
const patch = (name: string, change: object, ...args: string[]) =>
  kubectlOutput(controlPlane, [
    'patch',
    'wg',
    name,
    '-n',
    namespace,
    '--type=merge',
    '-p',
    JSON.stringify(change),
    ...args,
  ]);

/** An add by the pod of that name. */
async function addFrom(by: string, name: string): Promise<void> {
  const client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace, by });
  await client.add(name);
}

/** No node runs it: the test sets its phase. */
async function createPod(name: string, phase: string): Promise<void> {
  const spec = { containers: [{ name: 'work', image: 'none' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input: JSON.stringify(pod) });
  const status = JSON.stringify({ status: { phase } });
  await kubectlOutput(controlPlane, ['patch', 'pod', name, '-n', namespace, '--subresource=status', '-p', status]);
}

/** A group that the operator should have deleted. */
async function overdue(name: string): Promise<void> {
  await wg('create', name, '--ttl', '30m');
  await wg('add', name);
  await wg('done', name);
  const completedAt = new Date(Date.now() - HOUR_MS).toISOString();
  await patch(name, { status: { completedAt, observedGeneration: 1 } }, '--subresource=status');
}

describe('koncli waitgroup status', () => {
  it('shows state and next steps, conditions, changes and Events', async () => {
    await wg('create', 'batch', '--initial-count', '7');
    await wg('done', 'batch');
    await wg('set', 'batch', '--counter', '5', '--reason', 'worker-7 was evicted');
    const { code, stdout, stderr } = await wg('status', 'batch');
    expect([code, stderr]).toEqual([0, '']);
    const age = '\\d+s +';
    const lines = [
      `^waitgroup.konductor.io/batch in namespace "${namespace}"`,
      `Waiting: 5 outstanding, 7 added in total; last change \\d+s ago by ${hostname()} \\(-1\\)`,
      '',
      'Next:',
      `  wait for it to complete         koncli waitgroup wait batch -n ${namespace}`,
      `  see which workers are running   kubectl get pods -n ${namespace}`,
      '',
      'NAME    COUNTER   PHASE     ADDED   TTL      AGE',
      'batch   5         Waiting   7       <none>   \\d+s',
      '',
      'CONDITION   STATUS   REASON        AGE +MESSAGE',
      `Done        False    Outstanding   ${age}Work is outstanding: the counter is above zero.`,
      '',
      'CHANGE   AGE +BY',
      `-1       ${age}${hostname()}`,
      `-1       ${age}${hostname()}`,
      '',
      'EVENT        TYPE     AGE +FROM +MESSAGE',
      `CounterSet   Normal   ${age}koncli   ${hostname()} set the counter from 6 to 5: worker-7 was evicted`,
      '$',
    ];
    expect(stdout).toMatch(new RegExp(lines.join('\n')));
  });

  it('prints the WaitGroup itself in JSON and YAML, and its name with -o name', async () => {
    await wg('create', 'batch', '--initial-count', '2');
    const status = (format: string) => wg('status', 'batch', '-o', format);
    const [got, json, yaml, name] = await Promise.all([
      wg('get', 'batch', '-o', 'json'),
      status('json'),
      status('yaml'),
      status('name'),
    ]);
    expect(json).toEqual({ code: 0, stdout: got.stdout, stderr: '' });
    expect(parse(yaml.stdout)).toEqual(JSON.parse(got.stdout));
    expect(name.stdout).toBe('waitgroup.konductor.io/batch\n');
  });

  it('adds the time and the operation ID of each change with -o wide', async () => {
    await wg('create', 'batch');
    await wg('add', 'batch', '--operation-id', 'job-1');
    const { recentOperations } = JSON.parse((await wg('get', 'batch', '-o', 'json')).stdout).status;
    const { stdout } = await wg('status', 'batch', '-o', 'wide');
    expect(stdout).toMatch(new RegExp(`\n\\+1 +\\d+s +${recentOperations[0].at} +${hostname()} +job-1\n`));
    expect(stdout).toContain('COMPLETED');
  });

  it('names pods that ended or were deleted without marking their work done, where it may list pods', async () => {
    await wg('create', 'batch');
    const [runs, failed, gone] = ['etl-x2k4d', 'etl-zzzzz', 'etl-bbbbb'];
    for (const name of [runs, failed, gone]) await addFrom(name, 'batch');
    await Promise.all([createPod(runs, 'Running'), createPod(failed, 'Failed')]);
    const { stdout } = await wg('status', 'batch');
    const lost = `3 added by pods of which 1 exists and runs (missing: ${gone}, ${failed})`;
    expect(stdout).toMatch(
      /\nWaiting: 3 outstanding, 3 added in total; last change \d+s ago by etl-bbbbb \(\+1\); 3 added/,
    );
    expect(stdout).toContain(`; ${lost}\n`);
    expect(stdout).toContain(`kubectl get jobs,pods -n ${namespace}\n`);
    const seen = await overview();
    expect(seen.stdout).toContain('1 Waiting, 0 Done; 1 needs attention\n');
    expect(seen.stdout).toContain(lost);
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch') });
    const blind = await koncli(['wg', 'status', 'batch'], { kubeconfig });
    expect(blind.stdout).not.toContain('missing');
    expect(blind.stderr).not.toContain('pods');
  });

  it('names the finalizer that blocks a deletion', async () => {
    await wg('create', 'batch');
    await patch('batch', { metadata: { finalizers: ['example.com/x'] } });
    await wg('delete', 'batch');
    const { stdout } = await wg('status', 'batch');
    await patch('batch', { metadata: { finalizers: null } });
    expect(stdout).toMatch(/\nTerminating for \d+s: .*; blocked by finalizer example.com\/x\n/);
  });

  it('shows the last Event of a deleted WaitGroup', async () => {
    await wg('create', 'batch', '--initial-count', '2');
    await wg('set', 'batch', '--counter', '0', '--reason', 'x');
    await wg('delete', 'batch');
    const { code, stdout, stderr } = await wg('status', 'batch');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^last Event of waitgroup "batch": CounterSet, \d+s ago: .* from 2 to 0: x\nkoncli: waitgroup "batch" not found in .*\n$/,
    );
    expect((await wg('status', 'never')).stderr).toMatch(
      /^no Events for waitgroup "never": .*\nkoncli: waitgroup "never" not found in [^:\n]*: if the namespace is right, create it with .*\n$/,
    );
  });

  it('reads the name from the environment', async () => {
    await wg('create', 'batch');
    const env = { KONDUCTOR_WAITGROUP: 'batch', KONDUCTOR_NAMESPACE: namespace };
    const { stdout } = await koncli(['wg', 'status', '-o', 'name'], { ...controlPlane, env });
    expect(stdout).toBe('waitgroup.konductor.io/batch\n');
  });
});

describe('koncli waitgroup status by an account that may', () => {
  it('not list Events, shows all else, and reports the missing rule in one line', async () => {
    await wg('create', 'batch', '--initial-count', '2');
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch') });
    const { code, stdout, stderr } = await koncli(['wg', 'status', 'batch'], { kubeconfig });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\nWaiting: 2 outstanding(.|\n)*\nDone +False/)]);
    expect(stdout).not.toContain('Event');
    expect(stderr).toMatch(
      /^koncli: cannot read Events: .*grant all that status needs with .*\{apiGroups: \[""\], resources: \["events"\], verbs: \["list"\]\}.*\n$/,
    );
    expect((await koncli(['wg', 'status', 'batch', '-o', 'json'], { kubeconfig })).stderr).toBe('');
  });

  it('not read the WaitGroup, exits with 4', async () => {
    await wg('create', 'batch');
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('other') });
    const { code, stdout, stderr } = await koncli(['wg', 'status', 'batch'], { kubeconfig });
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /^koncli: .*grant all that status needs with .*resourceNames: \["batch"\], verbs: \["get","list","watch"\].*\n$/,
    );
  });
});

describe('koncli status', () => {
  it('counts WaitGroups by phase, and shows those that need attention with the next step', async () => {
    await wg('create', 'busy', '--initial-count', '2');
    await wg('create', 'fresh');
    await overdue('old');
    const { code, stdout, stderr } = await overview();
    expect([code, stderr]).toEqual([0, '']);
    const [crd, operator, groups, blank, ...table] = stdout.split('\n');
    expect(crd).toMatch(/^ok +CRD +waitgroups.konductor.io and waitgroupworkers.konductor.io match koncli /);
    expect(operator).toMatch(/^\w+ +operator +Deployment (konductor-system\/)?konductor-operator /);
    expect(groups).toMatch(
      new RegExp(`^warning +WaitGroups +3 in namespace "${namespace}": 1 Waiting, 2 Done; 1 needs attention$`),
    );
    expect([blank, table]).toEqual([
      '',
      [
        expect.stringMatching(/^NAME +NEXT +STATE$/),
        expect.stringMatching(
          new RegExp(
            `^old +koncli waitgroup status old -n ${namespace}   Done, completed 60m ago; .* 30m ago, but it has not`,
          ),
        ),
        '',
      ],
    ]);
    expect((await wg('status', 'old')).stdout).toContain(
      `check whether the operator is running   koncli doctor old -n ${namespace}`,
    );
  });

  it('prints data as JSON, names with -o name, and all WaitGroups with -o wide', async () => {
    await overdue('old');
    await wg('create', 'fresh');
    expect(JSON.parse((await overview('-o', 'json')).stdout)).toMatchObject({
      checks: [{ name: 'CRD', outcome: 'ok' }, { name: 'operator' }, { name: 'WaitGroups', outcome: 'warning' }],
      waitGroups: { Waiting: 0, Done: 2 },
      attention: [{ namespace, name: 'old', steps: [{ command: `koncli doctor old -n ${namespace}` }] }],
    });
    const [name, wide, everywhere] = await Promise.all([
      overview('-o', 'name'),
      overview('-o', 'wide'),
      overview('-A'),
    ]);
    expect(name.stdout).toBe('waitgroup.konductor.io/old\n');
    expect(wide.stdout).toMatch(/\nfresh +koncli waitgroup status fresh.*no work has been added/);
    expect(everywhere.stdout).toMatch(new RegExp(`\nNAMESPACE +NAME(.|\n)*\n${namespace} +old +koncli `));
  });

  it('exits with 4 and names the rule when listing is denied, with 5 when the API server is unavailable', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('other') });
    const forbidden = await koncli(['status'], { kubeconfig });
    expect(forbidden).toMatchObject({ code: 4, stdout: '' });
    expect(forbidden.stderr).toMatch(/^koncli: .*grant all that list needs with .*verbs: \["list"\]\}.*\n$/);
    const nobody = { kubeconfig: await kubeconfigOfNobody(controlPlane) };
    await withEnoughTime(async ({ text }) => {
      const away = await koncli(['status', '--timeout', text], nobody);
      expect(away).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('ECONNREFUSED') });
    });
  });
});
