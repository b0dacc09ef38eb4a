// The code of README and guides does what it says: manifests are taken by the API server, shell and TypeScript run against
// it. What runs elsewhere, or needs more than an API server, is listed with its reason; a block that is not here fails.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../../scripts/root.ts';
import { codeBlocks, inChart, withoutComments } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { Reader } from '../../support/guides/reader.ts';
import type { KoncliResult } from '../../support/processes/koncli-process.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

/**
 * Every block of these is run, in its order, by workloads.test.ts, with-controllers.test.ts, install.test.ts, any-language.test.ts and
 * python-guide.test.ts; diagrams by diagrams.test.ts.
 */
const WALKED =
  /^docs\/guides\/(any-language|getting-started|install|batch-job|dynamic-workers|pipeline|cdk8s|labels|python)\.md: /;

const access = inject('controlPlane');
const blocks = codeBlocks().filter(({ name }) => !WALKED.test(name));

const IMAGES = 'needs nodes to load them into: test/release/images.test.ts builds them, npm run test:e2e uses them';
const elsewhere: Readonly<Record<string, string>> = {
  'README.md: npm start': 'demo.test.ts',
  'README.md: npm ci': IMAGES,
  'README.md: from cdk8s import ApiObjectMetadata, App, Chart, Duration': 'languages.test.ts of npm run test:release',
  'README.md: kubectl apply --server-side -f cdk8s/manifests/install.yaml': 'readme.test.ts of npm run test:release',
  'README.md: helm install konductor cdk8s/charts/konductor --namespace konductor-system --create-namespace':
    'readme.test.ts of npm run test:release',
  'README.md: kubectl apply --server-side -k cdk8s/manifests': 'readme.test.ts of npm run test:release',
  'README.md: kubectl apply -f cdk8s/manifests/examples/batch-job.yaml': 'readme.test.ts of npm run test:release',
  'docs/guides/images.md: npm run images': IMAGES,
  'docs/guides/images.md: skopeo copy --all oci-archive:dist/images/koncli.tar docker://registry.example.com/konductor/koncli:0.1.0':
    'needs a registry',
  'docs/guides/images.md: docker load --input dist/images/koncli-amd64.tar': 'needs Docker and a registry',
  'cdk8s/README.md: npm install @konductor/cdk8s cdk8s cdk8s-plus-27 constructs': 'cdk8s-package.test.ts',
  "cdk8s/README.md: import { App, Chart, Duration } from 'cdk8s';": 'cdk8s-package.test.ts',
  'cli/README.md: npm install --global @konductor/cli': 'packages.test.ts',
  'client/README.md: npm install @konductor/client': 'packages.test.ts',
  'docs/guides/injection.md: kubectl apply --server-side -f cdk8s/manifests/injection.yaml':
    'injection.test.ts, npm run test:e2e',
  'docs/guides/editors.md: kubeconform -strict -summary -schema-location default \\': 'json-schemas.test.ts',
  'docs/guides/editors.md: {': 'settings of an editor',
  'docs/guides/kustomize.md: kubectl apply --server-side -k .': 'kustomize.test.ts',
  "docs/guides/kubectl-only.md: kubectl apply -f - <<'YAML'": 'kubectl-only.test.ts',
  "docs/guides/kubectl-only.md: kubectl wait --for=jsonpath='{.status.counter}' waitgroup/nightly":
    'kubectl-only.test.ts',
  "docs/guides/kubectl-only.md: kubectl patch waitgroup nightly --subresource=status --type=json -p '[":
    'kubectl-only.test.ts',
  'docs/guides/kubectl-only.md: [{"op": "test", "path": "/status/counter", "value": 1},': 'kubectl-only.test.ts',
  'docs/guides/kubectl-only.md: kubectl patch waitgroup nightly --subresource=status --type=merge -p \'{"status": {"outcome": "Failed", "failures": 1,':
    'kubectl-only.test.ts',
  "docs/guides/kubectl-only.md: kubectl wait --for=jsonpath='{.status.outcome}' waitgroup/nightly --timeout=30m":
    'kubectl-only.test.ts',
  'docs/guides/kubectl-only.md: kubectl patch waitgroup nightly --type=merge -p \'{"spec":{"ttl":"2h"}}\'':
    'kubectl-only.test.ts',
};

/** Guides with kinds that need CRDs of others, by where their manifests are taken. */
const manifestsElsewhere: Readonly<Record<string, string>> = {
  'docs/guides/argo-and-tekton.md': 'argo-and-tekton.test.ts',
  'docs/guides/gitops.md': 'gitops.test.ts, with-controllers.test.ts',
  'docs/guides/kustomize.md': 'kustomize.test.ts',
};

interface Run {
  /** Shell commands that come first. */
  readonly before?: string;
  /** Shell commands of another user at the same time. */
  readonly meanwhile?: string;
  /** Changes to the code, where it names something that does not exist, or is not the test's own. */
  readonly change?: readonly [string | RegExp, (found: string) => string];
}

const GROUP = 'koncli waitgroup create batch-jobs --ttl 1h';
/** Rejected until that much work is outstanding. */
const others = (delta: number) => `until koncli waitgroup done batch-jobs --delta ${delta}; do sleep 0.1; done`;

const PROGRAM: Run = { before: GROUP, meanwhile: others(10) };

const shellRuns: Readonly<Record<string, Run>> = {
  'README.md: koncli waitgroup add batch-jobs --delta 10': { before: GROUP, meanwhile: others(9) },
  'docs/guides/counting.md: kubectl get waitgroups': {
    before: `${GROUP} && koncli waitgroup add batch-jobs && koncli waitgroup done batch-jobs`,
    // It goes on for ever.
    change: [/^koncli .* --watch$/m, (watch) => `${watch} --timeout 3s || [ $? -eq 3 ]`],
  },
  'docs/guides/counting.md: koncli waitgroup run batch-jobs -- ./work --fast': { before: GROUP },
  'docs/guides/re-runs.md: kubectl apply -f - <<YAML': {
    // What the downward API sets in the pod.
    change: [/^/, () => 'RUN=nightly-1 JOB_UID=bd1f6a0e-6f4c-4b57-a3f5-0a1f0b6a4c11\n'],
  },
  'docs/guides/gitops.md: kubectl patch configmap argocd-cm -n argocd --patch-file docs/guides/gitops/argocd-cm.yaml': {
    before: 'kubectl create configmap argocd-cm',
    change: [/-n argocd .* docs/s, () => `--patch-file ${root}/docs`],
  },
  'docs/guides/gitops.md: kubectl wait --for=condition=Established crd/waitgroups.konductor.io --timeout=1m': {},
  'docs/guides/rbac.md: kubectl create rolebinding jane-waitgroups --clusterrole=konductor-edit --user=jane': {},
  'docs/guides/rbac.md: kubectl create quota waitgroups --hard=count/waitgroups.konductor.io=500': {},
  'docs/guides/operator.md: kubectl create clusterrolebinding konductor-metrics --clusterrole=konductor-metrics-reader --serviceaccount=monitoring:prometheus':
    // It is the whole cluster's.
    { change: [/$/, () => ' --dry-run=server'] },
};

const SYNTH = '\nif (chart.toJson().length < 3) throw new Error("nothing was synthesized");\n';
const synthesized: Run = { change: [/^.*$/s, (code) => inChart(code) + SYNTH] };

const typeScriptRuns: Readonly<Record<string, Run>> = {
  "README.md: import { KonductorOperator, WaitGroup } from '@konductor/cdk8s';": {},
  "client/README.md: import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';": PROGRAM,
  "docs/guides/failure.md: import { connect, KubeTransport, WaitGroupClient, WaitGroupFailedError } from '@konductor/client';":
    {},
  "docs/guides/injection.md: new KonductorInjection(chart, 'injection', {": synthesized,
  "docs/guides/operator.md: new KonductorOperator(chart, 'operator', { secureMetrics: { certificateSecret: 'konductor-metrics-tls' } });":
    synthesized,
  "docs/guides/operator.md: const { deployment } = new KonductorOperator(chart, 'operator');": synthesized,
  "docs/guides/operator.md: new KonductorOperator(chart, 'operator', {": synthesized,
  "docs/guides/operator.md: new KonductorMonitoring(chart, 'monitoring', { labels: { release: 'kube-prometheus-stack' } });":
    synthesized,
};

const runnable = (language: string) =>
  blocks.filter((block) => block.language === language && elsewhere[block.name] === undefined);

const fileOf = (name: string) => name.split(':')[0] ?? '';

let namespace: string;

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'documented');
});

describe('the documented code', () => {
  it('is listed here, and nothing listed here is missing', () => {
    const inTables = [...Object.keys(elsewhere), ...Object.keys(shellRuns), ...Object.keys(typeScriptRuns)];
    const needed = blocks
      .filter(({ language }) => ['sh', 'json', 'ts', 'python'].includes(language))
      .map(({ name }) => name);
    expect(inTables.sort()).toEqual(needed.sort());
    const languages = [...new Set(blocks.map(({ language }) => language))];
    expect(['console', 'json', 'python', 'sh', 'ts', 'yaml']).toEqual(expect.arrayContaining(languages));
  });

  it('with its output is played by the test of its guide', () => {
    const shown = blocks
      .filter(({ language }) => language === 'console')
      .map(({ name }) => basename(fileOf(name), '.md'));
    for (const guide of new Set(shown)) {
      const test = readFileSync(join(import.meta.dirname, `${guide}.test.ts`), 'utf8');
      expect(test).toContain(`transcriptsOf('${guide}')`);
    }
  });
});

describe('a documented manifest is taken by the API server', () => {
  const here = runnable('yaml').filter(({ name }) => !manifestsElsewhere[fileOf(name)]);
  it.each(here)('$name', async ({ code }) => {
    const items = parseAllDocuments(code).map((document) => completed(document.toJS()));
    const create = ['create', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', '-'];
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await kubectl(access, create, { input })).toMatchObject({ code: 0, stderr: '' });
  });
});

/** A part of a pod, as guides show it, in a pod. */
function completed(object: { kind?: string; spec?: { containers: object[] }; containers?: object[] }): object {
  if (object.kind) return object;
  const spec = object.spec ?? { containers: object.containers };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'documented' }, spec };
}

describe('a documented command line runs', () => {
  it.each(runnable('sh'))('$name', async ({ name, code }) => {
    await run(shellRuns[name], (reader, change) => reader.sh(change(withoutComments(code).trimEnd())));
  });
});

describe('a documented program runs', () => {
  it.each(runnable('ts'))('$name', async ({ name, code }) => {
    await run(typeScriptRuns[name], (reader, change) => reader.node(change(code)));
  });
});

async function run(
  { before = 'true', meanwhile = 'true', change = ['', () => ''] }: Run = {},
  start: (reader: Reader, change: (code: string) => string) => Promise<KoncliResult>,
): Promise<void> {
  const reader = new Reader(access, namespace);
  const work = join(reader.folder, 'work');
  writeFileSync(work, '#!/bin/sh\n[ "$*" = --fast ]\n');
  chmodSync(work, 0o755);
  expect(await reader.sh(before)).toMatchObject({ code: 0 });
  const started = start(reader, (code) => code.replace(...change));
  const [result] = await Promise.all([started, reader.sh(meanwhile)]);
  expect(result).toMatchObject({ code: 0 });
}
