// The public API of the package.
export * from './install/crd.ts';
export * from './install/hold.ts';
export * from './install/injection.ts';
export { KonductorOperator } from './install/konductor-operator.ts';
export * from './install/monitoring.ts';
export type { OperatorNetworkPolicyProps } from './install/network-policy.ts';
export type {
  KonductorOperatorProps,
  OperatorHoldProps,
  OperatorPodProps,
  SecureMetricsProps,
} from './install/operator-props.ts';
export * from './patterns/batch-job.ts';
export type { CoordinatorOptions, KoncliProps } from './patterns/coordinator.ts';
export type { CoordinatedWork, Coordination } from './patterns/coordinator-script.ts';
export * from './patterns/dynamic-workers.ts';
export * from './patterns/pipeline.ts';
export type { ScriptPodProps } from './patterns/script-pod.ts';
export type { ContainerResources, ResourceAmounts } from './props/resources.ts';
export * from './rbac/roles.ts';
export * from './rbac/rules.ts';
export { VERSION } from './version.ts';
export * from './wait-group/wait-group.ts';
export * from './wait-group/wait-group-reference.ts';
export * from './workloads/add-koncli.ts';
export type { CountOptions } from './workloads/counted-job.ts';
export { KONCLI_IMAGE, OPERATOR_IMAGE } from './workloads/images.ts';
export type { KoncliDelivery } from './workloads/koncli-volume.ts';
export type { WaiterOptions } from './workloads/waiter-pods.ts';
export type { WorkerOptions } from './workloads/worker-pods.ts';
export type { Workload } from './workloads/workload.ts';
