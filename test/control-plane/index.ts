// What tests, the demo and scripts may use of the control plane.
export { type Binaries, type FindBinariesOptions, findBinaries } from './binaries.ts';
export {
  type ControlPlane,
  type ControlPlaneAccess,
  type ProcessIds,
  type StartControlPlaneOptions,
  startControlPlane,
} from './control-plane.ts';
export { exportLines } from './exports.ts';
export { findHelm } from './helm.ts';
export { type Credentials, type Kubeconfig, writeKubeconfig } from './kubeconfig.ts';
