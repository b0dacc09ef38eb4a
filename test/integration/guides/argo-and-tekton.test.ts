// docs/guides/argo-and-tekton.md: its manifests are taken by a real API server with the CRDs of both, and what their steps
// run is run, by pods with the permissions of the guide's account. The test plays the controllers of Argo and Tekton.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { installWorkflowCrds } from '../../support/cluster/workflow-crds.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { needKonductorFolder } from '../../support/pods/konductor-image.ts';
import { type PodTemplate, startPod } from '../../support/pods/pod-runner.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const CRD = join(import.meta.dirname, '../../../cdk8s/manifests/crd.yaml');
const SERVICE_ACCOUNT = 'nightly-flow';
const RUN = 'nightly-x7k2p';

type Container = PodTemplate['spec']['containers'][number];
type Volumes = NonNullable<PodTemplate['spec']['volumes']>;

interface ArgoTemplate {
  readonly name: string;
  readonly container?: Container;
  readonly resource?: { readonly action: string; readonly manifest: string; readonly successCondition?: string };
  readonly steps?: readonly (readonly { readonly template: string }[])[];
}

interface Parameter {
  readonly name: string;
  readonly value: string | string[];
}

interface TaskSpec {
  readonly steps: readonly Container[];
  readonly volumes?: Volumes;
}

interface PipelineTask {
  readonly name: string;
  readonly runAfter?: readonly string[];
  readonly taskSpec?: TaskSpec;
  readonly matrix?: { readonly params: readonly { readonly name: string; readonly value: readonly string[] }[] };
  readonly params: readonly Parameter[];
}

const [accountYaml = '', workflowYaml = '', afterYaml = '', tektonYaml = ''] = codeBlocks()
  .filter(({ name, language }) => name.startsWith('docs/guides/argo-and-tekton.md') && language === 'yaml')
  .map(({ code }) => code);

const folder = mkdtempSync(join(tmpdir(), 'konductor-workflows-'));
const konductor = join(folder, 'konductor');
const images = {
  [KONCLI_IMAGE]: { konductor },
  'example.com/work': { commands: { work: 'sleep 0.1' } },
  'busybox:1.37.0': {},
};

// Of its own: the CRDs are large.
let controlPlane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', CRD]);
  await installWorkflowCrds(controlPlane);
}, 180_000);
afterAll(async () => {
  await controlPlane.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  namespace = await createGuideNamespace(controlPlane, 'workflows');
  await apply(accountYaml);
});

const apply = (input: string, kubeconfig = controlPlane.kubeconfig) =>
  kubectlOutput(controlPlane, ['create', '--validate=strict', '-n', namespace, '-f', '-'], { input, kubeconfig });

/** Runs a pod of the guide's account to its end: the exit codes of its containers, what failed with its complaint. */
async function runPod(container: Container, volumes: Volumes = []) {
  const spec = { containers: [container], volumes, serviceAccountName: SERVICE_ACCOUNT };
  const { results } = await startPod(controlPlane, { spec }, { namespace, images });
  return [...(await results).values()].map(({ code, stderr }) => (code === 0 ? code : `${code}: ${stderr}`));
}

const statusOf = async (name: string) =>
  (await kubectlJson<{ status: object }>(controlPlane, ['get', 'waitgroup', name, '-n', namespace])).status;

describe('the guide for workflows', () => {
  it('has manifests that Argo’s and Tekton’s CRDs take, and that misspelt ones do not get past', async () => {
    for (const manifest of [workflowYaml, afterYaml, tektonYaml]) await apply(manifest);
    await expect(apply(workflowYaml.replace('setOwnerReference', 'setOwner'))).rejects.toThrow('unknown field');
    await expect(apply(tektonYaml.replace('retries', 'retry'))).rejects.toThrow('unknown field');
  });

  it('has an Argo Workflow whose steps run from the group to the report', async ({ skip }) => {
    await needKonductorFolder(skip, konductor);
    await startOperatorIn(namespace, await installOperator(controlPlane));
    const { spec } = parse(workflowYaml.replaceAll('{{workflow.name}}', RUN));
    const templates: readonly ArgoTemplate[] = spec.templates;
    const named = (name: string) => templates.find((template) => template.name === name) ?? { name };
    const steps =
      named(spec.entrypoint)
        .steps?.flat()
        .map(({ template }) => named(template)) ?? [];
    const ran: unknown[] = [];
    const pods: Promise<unknown>[] = [];
    for (const { name, resource, container } of steps) {
      if (resource) {
        pods.push(...(await makeResource(resource.manifest)));
        ran.push([name, parse(resource.manifest).kind]);
      }
      if (container) ran.push([name, await runPod({ ...container, name })]);
    }
    expect(ran).toEqual([
      ['group', 'WaitGroup'],
      ['start', 'Job'],
      ['wait', [0]],
      ['report', [0]],
    ]);
    expect(await Promise.all(pods)).toEqual([[0], [0], [0]]);
    expect(await statusOf(RUN)).toMatchObject({ phase: 'Done', counter: 0, added: 3 });
  });

  it('has a condition that a group meets when it is done, and not before', async () => {
    const condition: string = parse(afterYaml).spec.templates[0].resource.successCondition;
    const manifest = `{"apiVersion": "konductor.io/v1", "kind": "WaitGroup", "metadata": {"name": "nightly"}}`;
    await apply(manifest);
    const set = async (status: object) => {
      const patch = ['patch', 'wg', 'nightly', '-n', namespace, '--subresource=status', '--type=merge'];
      await kubectlOutput(controlPlane, [...patch, '-p', JSON.stringify({ status })]);
      return isMet(condition, { status: await statusOf('nightly') });
    };
    expect([
      await set({ counter: 0, phase: 'Done', added: 0 }),
      await set({ counter: 1, phase: 'Waiting', added: 1 }),
      await set({ counter: 0, phase: 'Done', added: 1, completions: 1, addedAtCompletion: 1 }),
    ]).toEqual([false, false, true]);
  });

  it('has a Tekton Pipeline whose tasks run', async ({ skip }) => {
    await needKonductorFolder(skip, konductor);
    await startOperatorIn(namespace, await installOperator(controlPlane));
    const [task, pipeline] = parseAllDocuments(tektonYaml.replaceAll('$(context.pipelineRun.name)', RUN)).map(
      (document) => document.toJS(),
    );
    const tasks: readonly PipelineTask[] = pipeline.spec.tasks;
    const ran: Record<string, unknown> = {};
    const run = async (one: PipelineTask) => {
      ran[one.name] = await Promise.all(podsOf(one, task.spec).map(([step, volumes]) => runPod(step, volumes)));
    };
    for (const one of tasks.filter(({ runAfter }) => !runAfter)) await run(one);
    await Promise.all(tasks.filter(({ runAfter }) => runAfter?.[0] === 'count').map(run));
    expect(ran).toEqual({ count: [[0]], work: [[0], [0], [0]], wait: [[0]] });
    expect(await statusOf(RUN)).toMatchObject({ phase: 'Done', counter: 0, added: 3 });
  });
});

/** With the account's own permissions; returns the pods of a Job, which continue by themselves. */
async function makeResource(manifest: string): Promise<Promise<unknown>[]> {
  const account = { namespace, serviceAccount: SERVICE_ACCOUNT };
  await apply(manifest, await serviceAccountKubeconfig(controlPlane, account));
  const { completions = 0, template } = parse(manifest).spec;
  return Array.from({ length: completions }, () => runPod(template.spec.containers[0], template.spec.volumes));
}

/** Argo's: requirements as of a label selector, all of which must hold. */
function isMet(condition: string, object: object): boolean {
  return condition.split(',').every((requirement) => {
    const [path = '', operator, value] = requirement.trim().split(' ');
    const found = path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], object);
    return operator === '>' ? Number(found) > Number(value) : operator === '==' && found === value;
  });
}

/** The step of each of its pods, its parameters filled in. */
function podsOf({ name, taskSpec, matrix, params }: PipelineTask, task: TaskSpec): [Container, Volumes | undefined][] {
  const { steps, volumes } = taskSpec ?? task;
  const [fanned] = matrix?.params ?? [];
  const each: (readonly Parameter[])[] = fanned
    ? fanned.value.map((value) => [...params, { name: fanned.name, value }])
    : [params];
  return each.flatMap((given) =>
    steps.map((step): [Container, Volumes | undefined] => [filled(step, given, name), volumes]),
  );
}

function filled(step: Container, given: readonly Parameter[], name: string): Container {
  const fill = (word: string): string[] => {
    const [, parameter, isArray] = /^\$\(params\.(\w+)(\[\*\])?\)$/.exec(word) ?? [];
    const value = given.find((one) => one.name === parameter)?.value ?? word;
    if (Array.isArray(value) !== (isArray !== undefined)) throw new Error(`${word} is not what the parameter is`);
    return [value].flat();
  };
  return { ...step, name, command: step.command.flatMap(fill), args: step.args?.flatMap(fill) ?? [] };
}
