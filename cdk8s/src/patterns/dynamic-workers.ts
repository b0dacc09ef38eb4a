// The pattern "dynamic workers": a Deployment whose pods each add themselves, work, and are done.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkTtl } from '../props/durations.ts';
import { checkCount, checkImage, checkName, checkText } from '../props/rules.ts';
import { checkProps, optional, type Shape } from '../props/shapes.ts';
import { WaitGroup, type WaitGroupProps } from '../wait-group/wait-group.ts';
import { addKoncli } from '../workloads/add-koncli.ts';
import { KONCLI_PROPS, type KoncliProps } from './coordinator.ts';
import { podTemplate, shell } from './pod-template.ts';

/** For {@link DynamicWorkers}. */
export interface DynamicWorkersProps extends Pick<WaitGroupProps, 'ttl'>, KoncliProps {
  /** Of the WaitGroup. */
  readonly name: string;
  /** Of the Deployment and its service account, and the value of its pods' label `app`. */
  readonly worker: string;
  /** How many pods. */
  readonly replicas: number;
  /** One command and its arguments, for a shell. */
  readonly work: string;
  /** With a shell, and `tail`. */
  readonly image: string;
}

/** A WaitGroup and the Deployment whose pods count on it. Throws when a prop cannot work. */
export class DynamicWorkers extends Construct {
  /** Counts the pods. */
  readonly waitGroup: WaitGroup;
  /** Each of its pods adds itself, works, is done, and stays. */
  readonly deployment: k8s.KubeDeployment;

  constructor(scope: Construct, id: string, props: DynamicWorkersProps) {
    super(scope, id);
    checkProps('DynamicWorkers', this, props, SHAPE);
    const { name, worker, ttl, koncliImage, koncliDelivery, imagePullSecrets } = props;
    this.waitGroup = new WaitGroup(this, 'WaitGroup', { metadata: { name }, ttl });
    const serviceAccount = new ServiceAccount(this, 'Worker', { metadata: { name: worker } });
    this.waitGroup.grantWorker(serviceAccount);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', {
      metadata: { name: worker, labels: { app: worker } },
      spec: deployment(props, serviceAccount),
    });
    this.deployment.addDependency(this.waitGroup, serviceAccount);
    addKoncli(this.deployment, { image: koncliImage, delivery: koncliDelivery, imagePullSecrets });
  }
}

const SHAPE: Shape<DynamicWorkersProps> = {
  name: checkName,
  worker: checkName,
  replicas: checkCount,
  work: checkText,
  image: checkImage,
  ttl: optional(checkTtl),
  ...KONCLI_PROPS,
};

function deployment(props: DynamicWorkersProps, serviceAccount: ServiceAccount): k8s.DeploymentSpec {
  const { worker: app, replicas, image } = props;
  const container = shell(app, workerScript(props));
  return {
    replicas,
    selector: { matchLabels: { app } },
    template: podTemplate({ app, serviceAccount, image, container, restartPolicy: 'Always' }),
  };
}

function workerScript({ name, work }: DynamicWorkersProps): string {
  return `# Runs a command that TERM ends at once: a shell hears signals only while it waits, a new process not at first
konductor_run() { "$@" & [ -z "$stopped" ] || konductor_stop; wait $!; }
konductor_stop() { stopped=yes; while kill $! 2>/dev/null; do sleep 1; done; }
trap konductor_stop TERM
konductor_work() {
konductor_run ${work}
}
# Add before starting
koncli waitgroup add ${name} --delta 1 || exit
konductor_work || echo "the work failed or was stopped" >&2
# Always call done, also when the work failed or the pod is stopped
koncli waitgroup done ${name} || exit
# A Deployment restarts what exits, and a second run would add again: stay until stopped
konductor_run tail -f /dev/null
`;
}
