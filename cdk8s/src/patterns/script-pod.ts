// The pod that the workloads of the patterns share: a shell script, with a service account of its own for koncli.
import type { IServiceAccount, k8s } from 'cdk8s-plus-27';
import { optional } from '../props/check-props.ts';
import { type ContainerResources, resourcesOf } from '../props/resources.ts';
import { checkImage, countFrom } from '../props/rules.ts';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';

/** The container of a pattern's pods. */
export interface ScriptPodProps {
  /** Image of the pods, with a shell, `seq` and `tail`. It runs as its own user, which must be a number other than 0. */
  readonly image: string;
  /** The user of the pods, for an image that runs as root or names its user. Default: the user of the image. */
  readonly runAsUser?: number;
  /** Requests and limits of the container. Default: none. */
  readonly resources?: ContainerResources;
}

export const SCRIPT_POD_RULES = { image: checkImage, runAsUser: optional(countFrom(1)) };

/** The differences between the pods of the patterns. */
export interface ScriptPod extends ScriptPodProps {
  /** Value of the label `app`, for `kubectl get pods -l app=…`. */
  readonly app: string;
  /** For koncli, which talks to the API server; absent if the pod does not. */
  readonly serviceAccount?: IServiceAccount | undefined;
  readonly container: string;
  /** A script of POSIX shell, which dash and busybox can run. */
  readonly script: string;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** The WaitGroup that the pod itself is a worker of: koncli counts it under its own name, and the operator watches it. */
  readonly worksFor?: string;
}

/** A pod template that meets the restricted Pod Security Standard. */
export function scriptPod(pod: ScriptPod): k8s.PodTemplateSpec {
  const { app, serviceAccount, image, container, script, restartPolicy, worksFor, runAsUser } = pod;
  const command = ['/bin/sh', '-c', script];
  const resources = pod.resources && { resources: resourcesOf(pod.resources) };
  const env = worksFor && { env: [{ name: 'KONDUCTOR_WORKER_ID', value: 'auto' }] };
  return {
    metadata: { labels: { app, ...(worksFor && { [WAIT_GROUP_LABEL]: worksFor }) } },
    spec: {
      ...(serviceAccount && { serviceAccountName: serviceAccount.name }),
      automountServiceAccountToken: serviceAccount !== undefined,
      restartPolicy,
      securityContext: { ...restrictedPod(), ...(runAsUser !== undefined && { runAsUser }) },
      containers: [{ name: container, command, image, ...env, ...resources, securityContext: restrictedContainer() }],
    },
  };
}
