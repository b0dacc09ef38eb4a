// The parts that tests, and operators built on the same framework layer, may use.
export * from './apply.ts';
export * from './bind-address.ts';
export * from './events.ts';
export * from './expiry.ts';
export * from './framework/dot-i.ts';
export * from './framework/leader-election.ts';
export * from './framework/leader-election-rules.ts';
export type { Logger } from './framework/logger.ts';
export * from './framework/reflector.ts';
export * from './framework/resilient-operator.ts';
export type { ResourceHandler } from './framework/resource-watch.ts';
export * from './framework/work-queue.ts';
export * from './http-server.ts';
export * from './metrics.ts';
export * from './options.ts';
export * from './probes.ts';
export * from './reconcile.ts';
export * from './wait-group-operator.ts';
