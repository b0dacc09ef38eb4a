// Everything that other packages can import.

export * from './check/parse-wait-group.ts';
export * from './check/parse-worker.ts';
export * from './kind/kind.ts';
export * from './kind/labels.ts';
export * from './kind/wait-group-names.ts';
export * from './kind/worker-names.ts';
export * from './rules/counter.ts';
export * from './rules/creating-operation.ts';
export * from './rules/fold-workers.ts';
export * from './rules/outcome.ts';
export { isOverrun } from './rules/overrun.ts';
export * from './rules/retirement.ts';
export * from './rules/set-condition.ts';
export * from './rules/time-limits.ts';
export * from './rules/worker-operation.ts';
export * from './shape/condition.ts';
export * from './shape/crd.ts';
export * from './shape/object-meta.ts';
export * from './shape/wait-group.ts';
export * from './shape/worker.ts';
export * from './shape/workers-status.ts';
export * from './values/dns-name.ts';
export * from './values/duration.ts';
export * from './values/limits.ts';
export * from './values/revision.ts';
export * from './values/text.ts';
export * from './values/timestamp.ts';
