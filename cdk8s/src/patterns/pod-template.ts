// The pod that the patterns' workloads share: a shell script with koncli at hand, under a service account of its own.
import type { IServiceAccount, k8s } from 'cdk8s-plus-27';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';

/** What tells one pattern's pods from another's. */
export interface ScriptPod {
  /** The value of the label `app`, by which `kubectl get pods -l app=…` finds the pods. */
  readonly app: string;
  readonly serviceAccount: IServiceAccount;
  readonly image: string;
  readonly container: k8s.Container;
  readonly restartPolicy: 'Always' | 'Never';
}

/** A pod template that meets the restricted Pod Security Standard. */
export function podTemplate(pod: ScriptPod): k8s.PodTemplateSpec {
  const { app, serviceAccount, image, container, restartPolicy } = pod;
  return {
    metadata: { labels: { app } },
    spec: {
      serviceAccountName: serviceAccount.name,
      // koncli talks to the API server.
      automountServiceAccountToken: true,
      restartPolicy,
      securityContext: restrictedPod(),
      containers: [{ ...container, image, securityContext: restrictedContainer() }],
    },
  };
}

/** A container that runs a script in dash, busybox or any other POSIX shell. */
export function shell(name: string, script: string): k8s.Container {
  return { name, command: ['/bin/sh', '-c', script] };
}
