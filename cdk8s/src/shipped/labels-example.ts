// The example of a fan-out and a fan-in by labels alone.
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { type ScriptPodProps, scriptPod } from '../patterns/script-pod.ts';
import { WaitGroup } from '../wait-group/wait-group.ts';

const SOURCES = ['customers', 'orders', 'products'];

/** Three Jobs that count for a WaitGroup, and a Job and a Deployment that start after them. */
export function addLabelsExample(scope: Construct, pod: ScriptPodProps): void {
  const imports = new WaitGroup(scope, 'Imports', { metadata: { name: 'imports' }, ttl: '1h', workerPolicy: 'Fail' });
  for (const source of SOURCES) imports.count(job(scope, `import-${source}`, pod));
  // A Job that the operator sees early must not be taken for all of them.
  const minAdded = SOURCES.length;
  imports.waitFor(job(scope, 'report', pod), { by: 'suspend', minAdded });
  imports.waitFor(deployment(scope, 'dashboard', pod), { by: 'gate', minAdded });
}

function job(scope: Construct, name: string, pod: ScriptPodProps): k8s.KubeJob {
  const template = scriptPod({ ...pod, app: name, container: 'main', script: 'sleep 5', restartPolicy: 'Never' });
  return new k8s.KubeJob(scope, name, { metadata: { name }, spec: { template } });
}

function deployment(scope: Construct, name: string, pod: ScriptPodProps): k8s.KubeDeployment {
  const script = 'exec tail -f /dev/null';
  const template = scriptPod({ ...pod, app: name, container: 'main', script, restartPolicy: 'Always' });
  const spec = { replicas: 2, selector: { matchLabels: { app: name } }, template };
  return new k8s.KubeDeployment(scope, name, { metadata: { name }, spec });
}
