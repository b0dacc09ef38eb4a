// kwok as a process of its own: it plays the kubelet of one node that does not exist, so that pods run and end on a control plane
// without nodes. https://kwok.sigs.k8s.io/docs/user/stages-configuration/
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlPlaneAccess, findKwok } from '../../control-plane/index.ts';
import { applyObject } from '../cluster/administrator.ts';

export interface PlayedNode {
  /** For `spec.nodeName` of the pods. */
  readonly name: string;
  stop(): Promise<void>;
}

/** Pods with this annotation end some time after they are running; `Succeeded`, or else they fail for the reason that it gives. */
export const END_ANNOTATION = 'konductor.io/test-end';
const LABEL = 'konductor.io/test-node';
const MAX_LIFE_MS = 2_000;

/** Resolves when the node exists; kwok takes its pods over as soon as it has started. */
export async function startNode(access: ControlPlaneAccess): Promise<PlayedNode> {
  const name = `node-${randomBytes(4).toString('hex')}`;
  const path = await findKwok({ log: (line) => process.stderr.write(`${line}\n`) });
  await applyObject(
    access,
    { apiVersion: 'v1', resource: 'nodes', name },
    { kind: 'Node', metadata: { name, labels: { [LABEL]: name } } },
  );
  const config = join(access.directory, `${name}.yaml`);
  writeFileSync(config, STAGES.map((stage) => JSON.stringify(stage)).join('\n---\n'));
  const args = [
    `--kubeconfig=${access.kubeconfig}`,
    `--manage-nodes-with-label-selector=${LABEL}=${name}`,
    `--config=${config}`,
  ];
  const child = spawn(path, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    name,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const DELETED_AT = '.metadata.deletionTimestamp';
const inPhase = (phase: string) => ({ key: '.status.phase', operator: 'In', values: [phase] });
const isKept = { key: DELETED_AT, operator: 'DoesNotExist' };

const STAGES = [
  stage('Node', 'node-ready', [{ key: '.status.phase', operator: 'NotIn', values: ['Running'] }], {
    statusTemplate: 'phase: Running\nconditions:\n- type: Ready\n  status: "True"\n  reason: KubeletReady\n',
  }),
  stage('Pod', 'pod-running', [isKept, inPhase('Pending')], { statusTemplate: 'phase: Running\n' }),
  stage(
    'Pod',
    'pod-end',
    [isKept, inPhase('Running'), { key: `.metadata.annotations["${END_ANNOTATION}"]`, operator: 'Exists' }],
    {
      statusTemplate: `
        {{ $end := index .metadata.annotations "${END_ANNOTATION}" }}
        {{ if eq $end "Succeeded" }}
        phase: Succeeded
        {{ else }}
        phase: Failed
        reason: {{ $end }}
        {{ end }}`,
    },
    { durationMilliseconds: 0, jitterDurationMilliseconds: MAX_LIFE_MS },
  ),
  stage('Pod', 'pod-deleted', [{ key: DELETED_AT, operator: 'Exists' }], { delete: true }),
];

function stage(kind: string, name: string, matchExpressions: object[], next: object, delay?: object) {
  const spec = { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, next, ...(delay && { delay }) };
  return { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage', metadata: { name }, spec };
}
