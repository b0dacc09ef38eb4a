// A Job with one pod that starts its workers in the background and waits for them. koncli in the pod counts each of them, or the
// operator counts the Job by its label.
import { k8s, type ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { optional, type Rules } from '../props/check-props.ts';
import { checkTimeout, durationSeconds } from '../props/durations.ts';
import type { ContainerResources } from '../props/resources.ts';
import { checkDelivery, checkFilled, checkImage, checkSecretNames, countFrom, oneOf } from '../props/rules.ts';
import type { WaitGroup } from '../wait-group/wait-group.ts';
import { addKoncli } from '../workloads/add-koncli.ts';
import type { KoncliDelivery } from '../workloads/koncli-volume.ts';
import { withPullSecrets } from '../workloads/pod-template.ts';
import { editPods } from '../workloads/workload.ts';
import { type Coordination, type CoordinatorWork, coordinatorScript } from './coordinator-script.ts';
import { SCRIPT_POD_RULES, type ScriptPodProps, scriptPod } from './script-pod.ts';

/** How koncli gets into the pods of a pattern. */
export interface KoncliProps {
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /** How koncli gets into the pods: `initContainer` for clusters older than Kubernetes 1.36. Default: `imageVolume`. */
  readonly koncliDelivery?: KoncliDelivery;
  /**
   * Requests and limits of the init containers with koncli. Default: requests of 10m CPU and 64Mi memory, limits of 250m CPU
   * and 128Mi memory.
   */
  readonly koncliResources?: ContainerResources;
  /** Names of Secrets in the pods' namespace for pulling their images. */
  readonly imagePullSecrets?: string[];
}

/** What the coordinators of a pattern have in common. */
export interface CoordinatorOptions extends Coordination, KoncliProps, ScriptPodProps {}

/** Props of a coordinator Job. */
export interface CoordinatorProps extends CoordinatorWork, CoordinatorOptions {
  /** Name of the Job. */
  readonly name: string;
  /** Counts the workers. */
  readonly waitGroup: WaitGroup;
  /** Service account with the permissions of a coordinator of the WaitGroup; by `label` none. */
  readonly serviceAccount?: ServiceAccount | undefined;
}

/** The Job is not retried when it fails. */
export function coordinatorJob(scope: Construct, id: string, props: CoordinatorProps): k8s.KubeJob {
  const { by, name, waitGroup, serviceAccount, image, runAsUser, resources, timeout } = props;
  const { koncliImage, koncliDelivery, koncliResources, imagePullSecrets } = props;
  const script = coordinatorScript(waitGroup.name, props);
  const container = { image, runAsUser, resources, container: 'coord', script };
  const job = new k8s.KubeJob(scope, id, {
    metadata: { name },
    spec: {
      // A second attempt would add its workers to those of the first attempt, which never finish.
      backoffLimit: 0,
      ...(by === 'label' && { activeDeadlineSeconds: Math.ceil(durationSeconds(timeout)) }),
      template: scriptPod({ ...container, app: name, serviceAccount, restartPolicy: 'Never' }),
    },
  });
  if (by === 'label') {
    waitGroup.count(job);
    editPods(job, (pod) => withPullSecrets(pod, imagePullSecrets));
    return job;
  }
  job.addDependency(waitGroup, ...(serviceAccount ? [serviceAccount] : []));
  // Those of a stage of a pipeline are for its waiters, too.
  const delivering = koncliDelivery === 'initContainer' ? { resources: koncliResources } : {};
  addKoncli(job, { image: koncliImage, delivery: koncliDelivery, ...delivering, imagePullSecrets });
  return job;
}

/** Throws if koncli is configured, and not used. */
export function checkBy({ by, ...props }: Pick<CoordinatorProps, 'by'> & KoncliProps): void {
  const unused = (['koncliImage', 'koncliDelivery', 'koncliResources'] as const).find(
    (name) => props[name] !== undefined,
  );
  if (by === 'label' && unused) throw new Error(`${unused} has no effect by "label"; remove it`);
}

export const KONCLI_RULES: Rules<KoncliProps> = {
  koncliImage: optional(checkImage),
  koncliDelivery: optional(checkDelivery),
  imagePullSecrets: optional(checkSecretNames),
};

export const WORK_RULES = { workers: checkWorkers, work: checkFilled, onFailure: optional(oneOf('done', 'fail')) };
export const COORDINATOR_RULES = {
  by: optional(oneOf('koncli', 'label')),
  timeout: checkTimeout,
  ...SCRIPT_POD_RULES,
  ...KONCLI_RULES,
};

function checkWorkers(workers: unknown, what: string): void {
  if (typeof workers !== 'string') countFrom(1)(workers, what);
  else checkFilled(workers, what);
  if (typeof workers === 'string' && /^\d+$/.test(workers))
    throw new Error(`${what} "${workers}" would run as a command; use the number ${workers}`);
}
