// The part of the control plane that tests, the demo and scripts can use.

export { exportLines } from './access/exports.ts';
export { type Credentials, writeKubeconfig } from './access/kubeconfig.ts';
export { findBinaries } from './binaries/binaries.ts';
export { findGitops } from './binaries/gitops.ts';
export { goModuleFolder } from './binaries/go-module.ts';
export { findHelm } from './binaries/helm.ts';
export { findKwok } from './binaries/kwok.ts';
export { type ControlPlane, type ControlPlaneAccess, startControlPlane } from './control-plane.ts';
