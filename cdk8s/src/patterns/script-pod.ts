// The pod that the workloads of the patterns share: a shell script, with a service account of its own for koncli.
import type { IServiceAccount, k8s } from 'cdk8s-plus-27';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';

/** The differences between the pods of the patterns. */
export interface ScriptPod {
  /** Value of the label `app`, for `kubectl get pods -l app=…`. */
  readonly app: string;
  /** For koncli, which talks to the API server; absent if the pod does not. */
  readonly serviceAccount?: IServiceAccount | undefined;
  readonly image: string;
  readonly container: string;
  /** A script of POSIX shell, which dash and busybox can run. */
  readonly script: string;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** The WaitGroup that the pod itself is a worker of: koncli counts it under its own name, and the operator watches it. */
  readonly worksFor?: string;
}

/** A pod template that meets the restricted Pod Security Standard. */
export function scriptPod(pod: ScriptPod): k8s.PodTemplateSpec {
  const { app, serviceAccount, image, container, script, restartPolicy, worksFor } = pod;
  const command = ['/bin/sh', '-c', script];
  const env = worksFor && { env: [{ name: 'KONDUCTOR_WORKER_ID', value: 'auto' }] };
  return {
    metadata: { labels: { app, ...(worksFor && { [WAIT_GROUP_LABEL]: worksFor }) } },
    spec: {
      ...(serviceAccount && { serviceAccountName: serviceAccount.name }),
      automountServiceAccountToken: serviceAccount !== undefined,
      restartPolicy,
      securityContext: restrictedPod(),
      containers: [{ name: container, command, image, ...env, securityContext: restrictedContainer() }],
    },
  };
}
