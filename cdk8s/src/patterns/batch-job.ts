// The pattern "parallel job processing": a coordinator adds ten, starts ten workers, and waits for them.
import { type k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkTtl } from '../props/durations.ts';
import { checkName, wholeNumber } from '../props/rules.ts';
import { checkProps, optional, type Shape } from '../props/shapes.ts';
import { WaitGroup, type WaitGroupProps } from '../wait-group/wait-group.ts';
import { COORDINATOR, type CoordinatorProps, coordinatorJob, KONCLI_PROPS, type KoncliProps } from './coordinator.ts';

/** For {@link BatchJob}. */
export interface BatchJobProps
  extends Pick<CoordinatorProps, 'work' | 'timeout' | 'image'>,
    Pick<WaitGroupProps, 'ttl'>,
    KoncliProps {
  /** Of the WaitGroup; the service accounts are named after it. */
  readonly name: string;
  /** Of the Job. */
  readonly coordinator: string;
  /** One at least. */
  readonly workers: number;
}

/** A WaitGroup and the Job that counts its workers on it. Throws when a prop cannot work. */
export class BatchJob extends Construct {
  /** Counts the workers. */
  readonly waitGroup: WaitGroup;
  /** Adds them, starts them in its one pod, and waits for them. */
  readonly coordinator: k8s.KubeJob;
  /** For workers outside of the coordinator's pod: it may add, be done and wait, on this group only. */
  readonly workerAccount: ServiceAccount;

  constructor(scope: Construct, id: string, props: BatchJobProps) {
    super(scope, id);
    checkProps('BatchJob', this, props, SHAPE);
    const { name, coordinator, ttl } = props;
    this.waitGroup = new WaitGroup(this, 'WaitGroup', { metadata: { name }, ttl });
    const serviceAccount = new ServiceAccount(this, 'Coordinator', { metadata: { name: `${name}-coordinator` } });
    this.workerAccount = new ServiceAccount(this, 'Worker', { metadata: { name: `${name}-worker` } });
    // The coordinator adds, and starts its workers in its own pod.
    this.waitGroup.grantWorker(serviceAccount);
    this.waitGroup.grantWorker(this.workerAccount);
    const { waitGroup } = this;
    this.coordinator = coordinatorJob(this, 'Job', { ...props, name: coordinator, waitGroup, serviceAccount });
    this.coordinator.addDependency(this.workerAccount);
  }
}

const { work, timeout, image } = COORDINATOR;
const SHAPE: Shape<BatchJobProps> = {
  name: checkName,
  coordinator: checkName,
  workers: wholeNumber(1),
  ...{ work, timeout, image },
  ttl: optional(checkTtl),
  ...KONCLI_PROPS,
};
