// What tests, the demo and scripts may use of the control plane.

export { exportLines } from './access/exports.ts';
export { type Credentials, type Kubeconfig, writeKubeconfig } from './access/kubeconfig.ts';
export { type Binaries, type FindBinariesOptions, findBinaries } from './binaries/binaries.ts';
export { findHelm } from './binaries/helm.ts';
export {
  type ControlPlane,
  type ControlPlaneAccess,
  type ProcessIds,
  type StartControlPlaneOptions,
  startControlPlane,
} from './control-plane.ts';
