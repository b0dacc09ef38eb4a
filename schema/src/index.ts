// What the other packages may use.
export * from './condition.ts';
export * from './counter.ts';
export * from './crd.ts';
export * from './duration.ts';
export * from './expiry.ts';
export * from './explanation.ts';
export * from './kind.ts';
export * from './limits.ts';
export * from './object-meta.ts';
export * from './parse-wait-group.ts';
export * from './set-condition.ts';
export * from './timestamp.ts';
export * from './wait-group.ts';
export * from './wait-group-check.ts';
export * from './wait-group-names.ts';
