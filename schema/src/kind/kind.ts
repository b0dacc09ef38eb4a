// What every kind of the konductor.io group is described by; crd.ts turns such a description into a CRD.
import type { TObject } from 'typebox';

export const API_GROUP = 'konductor.io';
export const API_VERSION = 'v1';

/** A CEL rule at the root of the object; `self` is the object, `oldSelf` (transition rules) what it was. */
export interface ValidationRule {
  readonly rule: string;
  /** What is wrong and what to do about it, in one line. */
  readonly message: string;
  /** The field to name in a refusal, such as `.status.phase`; of metadata the schema knows no field. Absent: where the rule stands. */
  readonly fieldPath?: string;
}

/** One column of `kubectl get`; `wide` ones show under `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'string' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly wide?: boolean;
}

/** A namespaced kind with a status subresource. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: TObject;
  readonly status: TObject;
  readonly rules: readonly ValidationRule[];
  readonly printerColumns: readonly PrinterColumn[];
}

/** `konductor.io/v1`. */
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}` as const;
