// The ValidatingAdmissionPolicies: what RBAC cannot limit. Each policy is in a file of its own, as data.
import { Construct } from 'constructs';
import { addPolicy } from './admission-policy.ts';
import { completionPolicy } from './completion-policy.ts';
import { talliesPolicy } from './tallies-policy.ts';
import { workersPolicy } from './workers-policy.ts';

/** Props of {@link AdmissionPolicies}. */
export interface AdmissionPoliciesProps {
  /** Labels of the policies and their bindings. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The policies and their bindings. Once per cluster; requires Kubernetes 1.30 or later. */
export class AdmissionPolicies extends Construct {
  constructor(scope: Construct, id: string, { labels }: AdmissionPoliciesProps) {
    super(scope, id);
    for (const policy of [completionPolicy, talliesPolicy, workersPolicy]) addPolicy(this, policy, labels);
  }
}
