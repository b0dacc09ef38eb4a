// The pattern "dynamic workers": a Deployment whose pods each add themselves, work, and are done.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { addKoncli } from '../koncli.ts';
import { WaitGroup, type WaitGroupProps } from '../wait-group.ts';
import { podTemplate, shell } from './pod-template.ts';

/** For {@link DynamicWorkers}. */
export interface DynamicWorkersProps extends Pick<WaitGroupProps, 'ttl'> {
  /** Of the WaitGroup. */
  readonly name: string;
  /** Of the Deployment and its service account, and the value of its pods' label `app`. */
  readonly worker: string;
  readonly replicas: number;
  /** One shell command. */
  readonly work: string;
  readonly image: string;
  readonly koncliImage?: string;
}

/** A WaitGroup and the Deployment whose pods count on it. */
export class DynamicWorkers extends Construct {
  readonly waitGroup: WaitGroup;
  readonly deployment: k8s.KubeDeployment;

  constructor(scope: Construct, id: string, props: DynamicWorkersProps) {
    super(scope, id);
    const { name, worker, ttl } = props;
    this.waitGroup = new WaitGroup(this, 'WaitGroup', { metadata: { name }, ttl });
    const serviceAccount = new ServiceAccount(this, 'Worker', { metadata: { name: worker } });
    this.waitGroup.grantWorker(serviceAccount);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', {
      metadata: { name: worker, labels: { app: worker } },
      spec: deployment(props, serviceAccount),
    });
    addKoncli(this.deployment, { image: props.koncliImage });
  }
}

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
run() { "$@" & [ -z "$stopped" ] || stop; wait $!; }
stop() { stopped=yes; while kill $! 2>/dev/null; do sleep 1; done; }
trap stop TERM
# Add before starting
koncli waitgroup add ${name} --delta 1 || exit
run ${work} || echo "the work failed or was stopped" >&2
# Always call done, also when the work failed or the pod is stopped
koncli waitgroup done ${name} || exit
# A Deployment restarts what exits, and a second run would add again: stay until stopped
run tail -f /dev/null
`;
}
