// What GitOps tools make of WaitGroups and workloads, by their own code.
import { execFile } from 'node:child_process';
import { findGitops } from '../../control-plane/index.ts';

export interface HealthChecks {
  /** The script of Argo CD's argocd-cm. */
  readonly healthLua: string;
  /** The CEL expressions of a Flux Kustomization. */
  readonly healthCheckExprs: Readonly<Record<string, string>>;
}

export interface Health {
  readonly status: string;
  readonly message?: string;
}

export interface GitopsVerdict {
  /** Flux, Helm 4, kpt. */
  readonly kstatus: Health;
  readonly argoCd: Health;
  /** With healthCheckExprs for WaitGroups. */
  readonly flux: Health;
}

/** For each of the objects. */
export async function gitopsVerdicts(
  objects: readonly object[],
  checks: HealthChecks = { healthLua: '', healthCheckExprs: {} },
): Promise<GitopsVerdict[]> {
  const path = await findGitops({ log: (line) => process.stderr.write(`${line}\n`) });
  return new Promise((resolve, reject) => {
    const child = execFile(path, (error, stdout) => (error ? reject(error) : resolve(JSON.parse(stdout))));
    child.stdin?.end(JSON.stringify({ objects, ...checks }));
  });
}
