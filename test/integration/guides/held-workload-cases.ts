// What docs/guides/gitops.md says of workloads that are held, as Kubernetes' own controllers report them, and of Jobs that the operator
// has resumed.
import { join } from 'node:path';
import { AFTER_LABEL, HOLD_GATE } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { tablesOf } from '../../support/guides/tables.ts';
import { gitopsVerdicts } from '../../support/processes/gitops.ts';
import { releaseOf } from '../../support/processes/helm-release.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const HOLD = join(import.meta.dirname, '../../../cdk8s/manifests/hold.yaml');
/** The operator's. */
const FIELD_MANAGER = 'konductor-operator';

type Workload = readonly [kind: string, spec: object, reported: string, afterwards?: string];
const GATED = { schedulingGates: [{ name: HOLD_GATE }] };
const podSpec = (spec: object) => ({ containers: [{ name: 'main', image: 'none' }], ...spec });
const pods = (spec = {}) => ({ metadata: { labels: { app: 'held' } }, spec: podSpec(spec) });
const jobOf = (spec: object, podSpec = {}) => ({ ...spec, template: pods({ restartPolicy: 'Never', ...podSpec }) });
const deployment = { selector: { matchLabels: { app: 'held' } }, template: pods(GATED) };
const suspendedIs = (status: string) => `jsonpath={.status.conditions[?(@.type=="Suspended")].status}=${status}`;

/** The rows of the guide's table: what is created, what its controller reports, and what it reports once the Job is resumed. */
const WORKLOADS: Readonly<Record<string, Workload>> = {
  'a suspended Job': ['Job', jobOf({ suspend: true }), suspendedIs('True')],
  'a Job that was suspended and is running': [
    'Job',
    jobOf({ suspend: true }),
    suspendedIs('True'),
    suspendedIs('False'),
  ],
  'a Job whose pods have the gate': ['Job', jobOf({}, GATED), 'jsonpath={.status.active}=1'],
  'a pod with the gate': ['Pod', podSpec(GATED), 'jsonpath={.status.phase}=Pending'],
  'a Deployment whose pods have the gate': ['Deployment', deployment, 'jsonpath={.status.unavailableReplicas}=1'],
  'the same after its progressDeadlineSeconds': [
    'Deployment',
    { ...deployment, progressDeadlineSeconds: 1 },
    'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=ProgressDeadlineExceeded',
  ],
};
const API_VERSIONS: Readonly<Record<string, string>> = { Job: 'batch/v1', Pod: 'v1', Deployment: 'apps/v1' };

/** On a control plane with controllers, each in a namespace of its own. */
export function heldWorkloadCases(access: () => ControlPlaneAccess, namespace: () => string): void {
  const run = (...args: string[]) => kubectlOutput(access(), ['-n', namespace(), ...args]);
  const create = (input: string) =>
    kubectlOutput(access(), ['create', '--validate=strict', '-n', namespace(), '-f', '-'], { input });

  /** By the operator, as the API server records it. */
  const resume = (job: string) =>
    run('patch', 'job', job, '--type=merge', '-p', '{"spec":{"suspend":false}}', `--field-manager=${FIELD_MANAGER}`);

  async function held([kind, spec, reported, afterwards]: Workload, index: number): Promise<object> {
    const name = `held-${index}`;
    await create(JSON.stringify({ apiVersion: API_VERSIONS[kind], kind, metadata: { name }, spec }));
    const report = (what: string) => run('wait', `--for=${what}`, `${kind}/${name}`, '--timeout=60s');
    await report(reported);
    if (afterwards) {
      await resume(name);
      await report(afterwards);
    }
    return kubectlJson(access(), ['get', kind, name, '-n', namespace()]);
  }

  it('the guide for GitOps has a table of what tools make of workloads that are held', async () => {
    const [, ...rows] = tablesOf('gitops')[1] ?? [];
    const verdicts = await gitopsVerdicts(await Promise.all(Object.values(WORKLOADS).map(held)));
    const found = verdicts.map(({ kstatus, argoCd, flux }) => [kstatus.status, argoCd.status, flux.status]);
    expect(Object.keys(WORKLOADS).map((workload, index) => [workload, ...(found[index] ?? [])])).toEqual(rows);
  });

  describe('a Job in Git that the operator has resumed', () => {
    const jobIn = (spec: object) =>
      JSON.stringify({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'report', labels: { [AFTER_LABEL]: 'nightly' } },
        spec: jobOf(spec),
      });
    const apply = (job: string, ...flags: string[]) =>
      kubectlOutput(access(), ['apply', '-n', namespace(), '-f', '-', ...flags], { input: job });
    const suspended = (output: string) => parse(output).spec.suspend;
    const isSuspended = async () => suspended(await run('get', 'job', 'report', '-o', 'yaml'));

    it('with `suspend: true` is suspended again by the next kubectl apply', async () => {
      const job = jobIn({ suspend: true });
      await apply(job);
      await resume('report');
      expect(await isSuspended()).toBe(false);
      await apply(job);
      expect(await isSuspended()).toBe(true);
    });

    it('with `suspend: true` is suspended again by helm upgrade', async () => {
      const release = releaseOf(access(), namespace(), jobIn({ suspend: true }));
      await release('install');
      await resume('report');
      await release('upgrade');
      expect(await isSuspended()).toBe(true);
    });

    it('with `suspend: true` is a conflict for the next server-side apply, and suspended again if that is forced', async () => {
      const job = jobIn({ suspend: true });
      await apply(job, '--server-side');
      await resume('report');
      const conflict = `conflict with "${FIELD_MANAGER}" using batch/v1: .spec.suspend`;
      await expect(apply(job, '--server-side')).rejects.toThrow(conflict);
      expect(await isSuspended()).toBe(false);
      await apply(job, '--server-side', '--force-conflicts');
      expect(await isSuspended()).toBe(true);
    });

    it.each([[[]], [['--server-side']], [['--server-side', '--force-conflicts']]])(
      'with its label alone, as hold.yaml suspends it, keeps running when it is applied again: %s',
      async (flags: string[]) => {
        await run('apply', '--server-side', '-f', HOLD);
        const job = jobIn({});
        const dryRun = () => apply(job, '--dry-run=server', '-o', 'yaml');
        await eventually('the policy', async () => suspended(await dryRun()));
        await apply(job, ...flags);
        expect(await isSuspended()).toBe(true);
        await resume('report');
        await apply(job, ...flags);
        expect(await isSuspended()).toBe(false);
      },
    );
  });
}
