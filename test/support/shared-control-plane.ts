// vitest's global set-up of the integration project: one control plane for all its files, with the CRD installed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type ControlPlane, type ControlPlaneAccess, startControlPlane } from '../control-plane/index.ts';
import { kubectlOutput } from './kubectl.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: ControlPlaneAccess;
  }
}

const CRD = join(import.meta.dirname, '../../cdk8s/manifests/crd.yaml');

let running: ControlPlane | undefined;

export async function setup(project: TestProject): Promise<void> {
  running = await startControlPlane({ log: (line) => process.stderr.write(`${line}\n`) });
  if (existsSync(CRD)) await installCrd(running);
  const { directory, server, certificateAuthority, kubeconfig, kubectl, auditLog } = running;
  project.provide('controlPlane', { directory, server, certificateAuthority, kubeconfig, kubectl, auditLog });
}

export async function teardown(): Promise<void> {
  await running?.stop();
}

async function installCrd(access: ControlPlaneAccess): Promise<void> {
  await kubectlOutput(access, ['apply', '--server-side', '-f', CRD]);
  await kubectlOutput(access, ['wait', '--for=condition=Established', '--timeout=30s', '-f', CRD]);
}
