// What charts may use.
export * from './crd.ts';
export * from './injection.ts';
export * from './koncli.ts';
export { KonductorOperator } from './konductor-operator.ts';
export * from './monitoring.ts';
export type { OperatorNetworkPolicyProps } from './network-policy.ts';
export { OPERATOR_IMAGE } from './operator-deployment.ts';
export type {
  KonductorOperatorProps,
  OperatorPodProps,
  OperatorResources,
  SecureMetricsProps,
} from './operator-props.ts';
export * from './patterns/batch-job.ts';
export * from './patterns/dynamic-workers.ts';
export * from './patterns/pipeline.ts';
export * from './rbac.ts';
export * from './roles.ts';
export * from './version.ts';
export * from './wait-group.ts';
export * from './wait-group-reference.ts';
export { KONCLI_IMAGE, type KoncliDelivery } from './workloads/koncli-volume.ts';
export type { WaiterOptions } from './workloads/waiter-pods.ts';
export type { WorkerOptions } from './workloads/worker-pods.ts';
export type { Workload } from './workloads/workload.ts';
