// What users may say of an object beside its spec.
import type { ApiObjectMetadata, OwnerReference } from 'cdk8s';
import { checkLabels } from './labels.ts';
import { checkFlag, checkIsText, checkName, checkText } from './rules.ts';
import { listOf, objectOf, optional, recordOf } from './shapes.ts';

/** Its type takes any other field, too, which the API server does not. */
type Metadata = Pick<
  { [Field in keyof ApiObjectMetadata as string extends Field ? never : Field]: ApiObjectMetadata[Field] },
  'name' | 'namespace' | 'labels' | 'annotations' | 'finalizers' | 'ownerReferences'
>;

const owner = objectOf<OwnerReference>({
  apiVersion: checkText,
  kind: checkText,
  name: checkText,
  uid: checkText,
  controller: optional(checkFlag),
  blockOwnerDeletion: optional(checkFlag),
});

/** Of a WaitGroup. */
export const checkMetadata = objectOf<Metadata>({
  name: optional(checkName),
  namespace: optional(checkName),
  labels: optional(checkLabels),
  annotations: optional(recordOf(checkIsText)),
  finalizers: optional(listOf(checkIsText)),
  ownerReferences: optional(listOf(owner)),
});
