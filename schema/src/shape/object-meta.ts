// The fields of ObjectMeta that the project reads; all other fields pass through unchanged.
import Type from 'typebox';

const text = Type.Optional(Type.String());
const textMap = Type.Optional(Type.Record(Type.String(), Type.String()));

export const ObjectMeta = Type.Object({
  name: Type.String(),
  generateName: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: Type.Optional(Type.Integer()),
  creationTimestamp: text,
  deletionTimestamp: text,
  finalizers: Type.Optional(Type.Array(Type.String())),
  labels: textMap,
  annotations: textMap,
});

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export type ObjectMeta = Type.Static<typeof ObjectMeta>;
