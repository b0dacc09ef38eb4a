// vitest's global set-up of the integration project: one control plane for all its files, with the CRDs and the
// admission policies installed.
import type { TestProject } from 'vitest/node';
import { type ControlPlane, type ControlPlaneAccess, startControlPlane } from '../../control-plane/index.ts';
import { installPolicies } from './admission-policies.ts';
import { installCrd } from './crd.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: ControlPlaneAccess;
  }
}

let running: ControlPlane | undefined;

export async function setup(project: TestProject): Promise<void> {
  running = await startControlPlane({ log: (line) => process.stderr.write(`${line}\n`) });
  await Promise.all([installCrd(running), installPolicies(running)]);
  const { directory, server, certificateAuthority, kubeconfig, kubectl, auditLog } = running;
  project.provide('controlPlane', { directory, server, certificateAuthority, kubeconfig, kubectl, auditLog });
}

export async function teardown(): Promise<void> {
  await running?.stop();
}
