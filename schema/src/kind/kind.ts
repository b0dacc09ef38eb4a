// The description of a kind of the konductor.io API group, which crd.ts turns into a CRD.
import type { TObject } from 'typebox';

export const API_GROUP = 'konductor.io';
export const API_VERSION = 'v1';

/** A CEL rule at the root of the object; `self` is the object and `oldSelf`, in transition rules, its previous state. */
export interface ValidationRule {
  readonly rule: string;
  /** What is wrong and what to do about it, in one line. */
  readonly message: string;
  /** The field that the error names, such as `.status.phase` or `.metadata`, whose fields the schema does not know. Absent: the root. */
  readonly fieldPath?: string;
  /** Whether the rule also runs on new objects; `oldSelf` is then optional. */
  readonly optionalOldSelf?: boolean;
}

/** A column of `kubectl get`; a `wide` one is shown with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'string' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly wide?: boolean;
}

/** A namespaced kind. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  /** Top-level fields that every object has. */
  readonly required?: readonly string[];
  readonly spec: TObject;
  /** Absent: the kind has no status subresource. */
  readonly status?: TObject;
  /** JSON paths that field selectors may name. */
  readonly selectableFields?: readonly string[];
  readonly rules: readonly ValidationRule[];
  readonly printerColumns: readonly PrinterColumn[];
}

/** `konductor.io/v1`. */
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}` as const;
