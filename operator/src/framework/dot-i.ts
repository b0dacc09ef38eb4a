// The one import of @dot-i/k8s-operator. It is CommonJS with a default export, which Node, vitest and Bun unwrap to
// different depths; the exports of this file are the same under all of them.
import * as namespace from '@dot-i/k8s-operator';

type DotI = typeof import('@dot-i/k8s-operator', { with: { 'resolution-mode': 'require' }});

const outer: object = namespace.default;
const exported = ('default' in outer ? outer : namespace) as DotI;

// The types are spelt out because the compiler would write `typeof namespace.default` into the declarations, which is the
// module there and not the class.
export const Operator: DotI['default'] = exported.default;
export const ResourceEventType: DotI['ResourceEventType'] = exported.ResourceEventType;
export const ResourceMetaImpl: DotI['ResourceMetaImpl'] = exported.ResourceMetaImpl;

export type { OperatorLogger, ResourceEvent } from '@dot-i/k8s-operator';
