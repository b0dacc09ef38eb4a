// The pattern "dynamic workers": a Deployment whose pods each add themselves, work, and mark their work done, each counted under its
// own name.
import type { Duration } from 'cdk8s';
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, inConstruct, optional, type Rules } from '../props/check-props.ts';
import { checkDeadline, checkTtl } from '../props/durations.ts';
import { checkCount, checkFilled, checkName, checkWorkerPolicy, oneOf } from '../props/rules.ts';
import { WaitGroup, type WaitGroupProps } from '../wait-group/wait-group.ts';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';
import { addKoncli } from '../workloads/add-koncli.ts';
import { KONCLI_RULES, type KoncliProps } from './coordinator.ts';
import { SCRIPT_POD_RULES, type ScriptPodProps, scriptPod } from './script-pod.ts';

/** Props of {@link DynamicWorkers}. */
export interface DynamicWorkersProps extends KoncliProps, ScriptPodProps {
  /** Name of the WaitGroup. */
  readonly name: string;
  /** Name of the Deployment and of its service account, and value of the label `app` of its pods. */
  readonly worker: string;
  /** Number of pods. */
  readonly replicas: number;
  /** Time after which the WaitGroup is deleted, see {@link WaitGroupProps.ttl}. Default: it is never deleted. */
  readonly ttl?: Duration | string;
  /** How long work may be outstanding, see {@link WaitGroupProps.deadline}. Default: no limit. */
  readonly deadline?: Duration | string;
  /** One shell command with its arguments. */
  readonly work: string;
  /**
   * What happens when the command fails: with `done`, its work is done; with `fail`, the WaitGroup fails as well, so that waiters
   * end at once. The work of a pod that is stopped is done. Default: `done`.
   */
  readonly onFailure?: 'done' | 'fail';
  /**
   * What happens to the work of a pod that has ended without marking it done, because it was killed or its node was lost. Its
   * replacement adds itself, so `Keep` needs somebody to release it. Default: `Release`.
   */
  readonly workerPolicy?: 'Keep' | 'Release' | 'Fail';
}

/** A WaitGroup and a Deployment whose pods count on it. Throws if a prop is invalid. */
export class DynamicWorkers extends Construct {
  /** The WaitGroup that counts the pods. */
  readonly waitGroup: WaitGroup;
  /** The Deployment. Each pod adds itself, works, marks its work done, and stays. */
  readonly deployment: k8s.KubeDeployment;

  constructor(scope: Construct, id: string, props: DynamicWorkersProps) {
    super(scope, id);
    inConstruct('DynamicWorkers', this, () => checkFields(props, RULES));
    const { name, worker, replicas, ttl, deadline, workerPolicy = 'Release' } = props;
    const { koncliImage, koncliDelivery, koncliResources, imagePullSecrets } = props;
    const spec = { metadata: { name }, ttl, deadline, workerPolicy };
    this.waitGroup = new PodsWaitGroup(this, 'WaitGroup', spec, replicas);
    const serviceAccount = new ServiceAccount(this, 'Worker', { metadata: { name: worker } });
    this.waitGroup.grantWorker(serviceAccount);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', {
      metadata: { name: worker, labels: { app: worker, [WAIT_GROUP_LABEL]: name } },
      spec: deployment(props, serviceAccount),
    });
    this.deployment.addDependency(this.waitGroup, serviceAccount);
    const delivery = { delivery: koncliDelivery, resources: koncliResources };
    addKoncli(this.deployment, { ...delivery, image: koncliImage, imagePullSecrets });
  }
}

/** Its pods add themselves one by one, so the counter can be zero before the last one has started. */
class PodsWaitGroup extends WaitGroup {
  protected override readonly minAdded: number;

  constructor(scope: Construct, id: string, props: WaitGroupProps, replicas: number) {
    super(scope, id, props);
    this.minAdded = Math.max(replicas, 1);
  }
}

const RULES: Rules<DynamicWorkersProps> = {
  ...{ name: checkName, worker: checkName, replicas: checkCount, work: checkFilled, ...SCRIPT_POD_RULES },
  ...{ onFailure: optional(oneOf('done', 'fail')), workerPolicy: optional(checkWorkerPolicy) },
  ...{ ttl: optional(checkTtl), deadline: optional(checkDeadline), ...KONCLI_RULES },
};

function deployment(props: DynamicWorkersProps, serviceAccount: ServiceAccount): k8s.DeploymentSpec {
  const { name: worksFor, worker: app, replicas, image, runAsUser, resources } = props;
  const pod = {
    app,
    serviceAccount,
    image,
    runAsUser,
    resources,
    container: app,
    script: workerScript(props),
    worksFor,
  };
  return {
    replicas,
    selector: { matchLabels: { app } },
    template: scriptPod({ ...pod, restartPolicy: 'Always' }),
  };
}

function workerScript({ name, work, onFailure }: DynamicWorkersProps): string {
  return `# Runs a command that SIGTERM stops at once: a shell handles signals only while it waits, and a new process may miss the first
konductor_run() { "$@" & [ -z "$stopped" ] || konductor_stop; wait $!; }
konductor_stop() { stopped=yes; while kill $! 2>/dev/null; do sleep 1; done; }
trap konductor_stop TERM
konductor_work() {
konductor_run ${work}
}
# Add before starting
koncli waitgroup add ${name} --delta 1 || exit
${onFailure === 'fail' ? workOrFail(name) : workThenDone(name)}
# A Deployment restarts containers that exit, which would then work again: stay until stopped
konductor_run tail -f /dev/null
`;
}

const workThenDone = (name: string) => `\
konductor_work || echo "the work failed or was stopped" >&2
# Always call done, even if the work failed or the pod is stopped
koncli waitgroup done ${name} || exit`;

const workOrFail = (name: string) => `\
# Always call done or fail: both mark the work done, and a pod that is stopped has not failed
konductor_work || konductor_code=$?
if [ -z "$konductor_code" ] || [ -n "$stopped" ]; then
  koncli waitgroup done ${name} || exit
else
  koncli waitgroup fail ${name} --message "the work exited with $konductor_code" || exit
fi`;
