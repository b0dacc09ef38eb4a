// The pod that the workloads of the patterns share: a shell script with a service account of its own.
import type { IServiceAccount, k8s } from 'cdk8s-plus-27';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';

/** The differences between the pods of the patterns. */
export interface ScriptPod {
  /** Value of the label `app`, for `kubectl get pods -l app=…`. */
  readonly app: string;
  readonly serviceAccount: IServiceAccount;
  readonly image: string;
  readonly container: string;
  /** A script of POSIX shell, which dash and busybox can run. */
  readonly script: string;
  readonly restartPolicy: 'Always' | 'Never';
}

/** A pod template that meets the restricted Pod Security Standard. */
export function scriptPod(pod: ScriptPod): k8s.PodTemplateSpec {
  const { app, serviceAccount, image, container, script, restartPolicy } = pod;
  const command = ['/bin/sh', '-c', script];
  return {
    metadata: { labels: { app } },
    spec: {
      serviceAccountName: serviceAccount.name,
      // koncli talks to the API server.
      automountServiceAccountToken: true,
      restartPolicy,
      securityContext: restrictedPod(),
      containers: [{ name: container, command, image, securityContext: restrictedContainer() }],
    },
  };
}
