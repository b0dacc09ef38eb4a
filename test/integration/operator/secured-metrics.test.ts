// Metrics over HTTPS for authorized clients, with real tokens, as KonductorOperator sets it up.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorOperator } from '@konductor/cdk8s';
import { beforeAll, expect, inject, it } from 'vitest';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { applyObject } from '../../support/cluster/administrator.ts';
import { auditEvents } from '../../support/cluster/audit.ts';
import { installOperator, OPERATOR, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { crowd, freshStatus } from '../../support/network/crowd.ts';
import { getSecurely } from '../../support/network/https.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import type { OperatorProcess } from '../../support/processes/operator.ts';
import { peakMegabytes } from '../../support/processes/process-state.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
/** That of install.yaml. */
const MEMORY_LIMIT_MEGABYTES = 256;
const authority = createAuthority('metrics');
const ca = authority.cert;
const manifests = synth((scope) => {
  new KonductorOperator(scope, 'Operator', { secureMetrics: { certificateSecret: 'metrics-tls' } });
});
const isAccess = ({ kind, metadata }: Manifest) => kind.startsWith('ClusterRole') && /metrics/.test(metadata.name);

let kubeconfig: string;
let namespace: string;
let directory: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
  const input = manifests
    .filter(isAccess)
    .map((manifest) => JSON.stringify(manifest))
    .join('\n');
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });
  namespace = await createNamespace(controlPlane, 'metrics');
  directory = mkdtempSync(join(controlPlane.directory, 'metrics-tls-'));
  storeCertificate('first');
});

function storeCertificate(commonName: string): void {
  const { cert, key } = authority.issue({ commonName }, ['127.0.0.1']);
  writeFileSync(join(directory, 'tls.crt'), cert);
  writeFileSync(join(directory, 'tls.key'), key);
}

async function grantReader(): Promise<void> {
  await applyObject(
    controlPlane,
    { apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterrolebindings', name: `${namespace}-reader` },
    {
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'konductor-metrics-reader' },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'reader' }],
    },
  );
}

const start = () => startOperatorIn(namespace, kubeconfig, '--metrics-secure', `--metrics-cert-path=${directory}`);
const read = ({ metricsAddress }: OperatorProcess, token?: string) =>
  getSecurely(`${metricsAddress}/metrics`, token === undefined ? { ca } : { ca, token });

it('are served only to tokens that may get /metrics', async () => {
  const reader = await createToken(controlPlane, { namespace, serviceAccount: 'reader' });
  const stranger = await createToken(controlPlane, { namespace, serviceAccount: 'stranger' });
  await grantReader();
  const operator = await start();
  expect(await read(operator)).toMatchObject({ code: 401, body: 'unauthorized\n' });
  expect(await read(operator, 'made-up')).toMatchObject({ code: 401 });
  expect(await read(operator, stranger)).toMatchObject({ code: 403 });
  const allowed = () => read(operator, reader);
  expect(await allowed()).toMatchObject({ code: 200, body: expect.stringContaining('konductor_waitgroups') });
  await allowed();
  await expect(fetch(`http://${operator.metricsAddress}/metrics`)).rejects.toThrow();

  const reviewsOf = async () => {
    const events = await auditEvents(controlPlane, { username: OPERATOR, verb: 'create' });
    const reviews = events
      .filter(({ userAgent }) => userAgent?.startsWith('konductor-operator/'))
      .map(({ objectRef }) => objectRef?.resource)
      .filter((name) => name === 'tokenreviews' || name === 'subjectaccessreviews');
    return reviews.length >= 5 && reviews.sort();
  };
  // One TokenReview for each token, one SubjectAccessReview for each valid token; the second read is served from the cache.
  expect(await eventually('the reviews in the audit log', reviewsOf)).toEqual([
    ...Array(2).fill('subjectaccessreviews'),
    ...Array(3).fill('tokenreviews'),
  ]);
});

it('are served to a reader while others connect with made-up tokens', async () => {
  const reader = await createToken(controlPlane, { namespace, serviceAccount: 'reader' });
  await grantReader();
  const operator = await start();
  const { probesAddress, metricsAddress } = operator;
  await eventually('the permission', async () => (await read(operator, reader)).code === 200);
  crowd({ port: Number(new URL(`https://${metricsAddress}`).port), path: '/metrics', isSecure: true });
  for (let round = 0; round < 300; round++) {
    expect(await read(operator, reader)).toMatchObject({ code: 200 });
    expect(await freshStatus(`http://${probesAddress}/healthz`)).toBe(200);
  }
  expect(peakMegabytes(operator.pid)).toBeLessThan(MEMORY_LIMIT_MEGABYTES);
});

it('are served with the next certificate when it rotates', async () => {
  const operator = await start();
  const name = async () => (await read(operator)).commonName;
  expect(await name()).toBe('first');
  storeCertificate('second');
  await eventually('the second certificate', async () => (await name()) === 'second');
});

it('are served by a pod that the restricted Pod Security Standard admits', async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const restricted = await createNamespace(controlPlane, 'restricted', labels);
  const { spec } = pick(manifests, 'Deployment').spec.template;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace: restricted }, spec };
  const { stderr } = await kubectl(controlPlane, ['create', '-f', '-'], { input: JSON.stringify(pod) });
  expect(stderr).toBe('');
});
