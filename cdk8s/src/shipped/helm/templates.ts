// Turns the objects of the constructs into Helm templates: placeholders are printed in the place of values, and then replaced by
// expressions of Helm.
import { Yaml } from 'cdk8s';
import { NAMESPACE } from '../../install/operator-deployment.ts';
import { OPERATOR_IMAGE } from '../../workloads/images.ts';

/** A Kubernetes object as cdk8s renders it. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: object;
  readonly [field: string]: unknown;
}

/** Helm expression: the namespace of the operator. */
export const NAMESPACE_VALUE = '.Values.namespace | default .Release.Namespace';

/** Helm expression: the image by its digest if one is set, otherwise by its tag. */
const IMAGE =
  '{{ if .Values.image.digest }}{{ printf "%s@%s" .Values.image.repository .Values.image.digest | quote }}' +
  '{{ else }}{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}{{ end }}';

interface Parameter {
  /** The field whose value is configurable, wherever it occurs. */
  readonly field: string;
  /** Whether this value of the field is the configurable one. */
  readonly replaces: (value: unknown) => boolean;
  /** Helm expression for a field at this indentation. */
  readonly expression: (indent: number) => string;
  /** Helm expression: the field is rendered only if it is true. */
  readonly condition?: string;
}

const parameters: readonly Parameter[] = [
  {
    field: 'namespace',
    replaces: (value) => value === NAMESPACE,
    expression: () => `{{ ${NAMESPACE_VALUE} | quote }}`,
  },
  {
    field: 'app.kubernetes.io/managed-by',
    replaces: () => true,
    expression: () => '{{ .Release.Service }}',
  },
  {
    field: 'image',
    replaces: (value) => value === OPERATOR_IMAGE,
    expression: () => IMAGE,
  },
  {
    field: 'imagePullPolicy',
    replaces: () => true,
    expression: () => '{{ .Values.image.pullPolicy }}',
  },
  {
    field: 'replicas',
    replaces: () => true,
    expression: () => '{{ .Values.replicas }}',
  },
  {
    field: 'imagePullSecrets',
    replaces: () => true,
    expression: (indent) => `{{- toYaml .Values.imagePullSecrets | nindent ${indent + 2} }}`,
    condition: '.Values.imagePullSecrets',
  },
  {
    field: 'resources',
    // Not the resources of an RBAC rule, which are a list.
    replaces: (value) => !Array.isArray(value),
    expression: (indent) => `{{- toYaml .Values.resources | nindent ${indent + 2} }}`,
  },
  {
    field: 'secretName',
    replaces: () => true,
    expression: () => '{{ .Values.secureMetrics.certificateSecret | quote }}',
  },
];

const placeholder = (index: number) => `konductor-placeholder-${index}`;
/** A field with its placeholder as YAML. */
const PLACEHOLDER_LINE = /^( *(?:- )?)(.*): konductor-placeholder-(\d+)$/gm;

/**
 * Conditions on values that an earlier release did not have, whose parents `--reuse-values` leaves out: without them, metrics are
 * plain, and there is a NetworkPolicy.
 */
const HAS_SECURE_METRICS = '(.Values.secureMetrics).certificateSecret';
const HAS_NETWORK_POLICY = 'ne (toString (.Values.networkPolicy).enabled) "false"';
const HOLDS = '(.Values.hold).enabled';
const HOLDS_BY_LABEL = `and ${HOLDS} (.Values.hold).mutate`;

/** The condition of objects that the values enable. */
function conditionOf({ kind, metadata }: KubeObject): string | undefined {
  if (kind === 'NetworkPolicy') return HAS_NETWORK_POLICY;
  if (kind.startsWith('MutatingAdmissionPolicy')) return HOLDS_BY_LABEL;
  return /\bhold\b/.test(nameOf(metadata)) ? HOLDS : undefined;
}

/**
 * All objects that an install with secured metrics can have, and those of a plain one where they differ, as the values decide.
 */
export function installTemplate(secured: readonly KubeObject[], plain: readonly KubeObject[]): string {
  const plainTexts = new Map(plain.map((object) => [identity(object), valuesTemplate([object])]));
  const texts = secured.map((object) => {
    const text = valuesTemplate([object]);
    const plainText = plainTexts.get(identity(object));
    const condition = conditionOf(object);
    if (condition) return rendered(condition, text);
    return text === plainText ? `---\n${text}` : rendered(HAS_SECURE_METRICS, text, plainText);
  });
  return texts.join('');
}

const nameOf = (metadata: object) => (metadata as { name: string }).name;
const identity = ({ kind, metadata }: KubeObject) => `${kind} ${nameOf(metadata)}`;

function rendered(condition: string, text: string, otherwise?: string): string {
  const alternative = otherwise === undefined ? '' : `{{- else }}\n---\n${otherwise}`;
  return `{{- if ${condition} }}\n---\n${text}${alternative}{{- end }}\n`;
}

/** The objects with expressions of Helm in the place of configurable values. */
function valuesTemplate(objects: readonly KubeObject[]): string {
  const marked = JSON.parse(JSON.stringify(objects), mark) as KubeObject[];
  const text = template(marked).replace(PLACEHOLDER_LINE, (_, lead: string, field: string, index: string) => {
    return filledIn(lead, field, parameters[Number(index)] as Parameter);
  });
  // The account of the operator in a policy.
  return text.replaceAll(`:${NAMESPACE}:`, `:{{ ${NAMESPACE_VALUE} }}:`);
}

function filledIn(lead: string, field: string, { expression, condition }: Parameter): string {
  const line = `${lead}${field}: ${expression(lead.length)}`;
  return condition === undefined ? line : `{{- if ${condition} }}\n${line}\n{{- end }}`;
}

function mark(field: string, value: unknown): unknown {
  const index = parameters.findIndex((parameter) => parameter.field === field && parameter.replaces(value));
  return index < 0 ? value : placeholder(index);
}

/** The objects as YAML. Throws if Helm would interpret a part of them. */
export function template(objects: readonly KubeObject[]): string {
  const text = Yaml.stringify(...objects);
  if (text.includes('{{')) throw new Error('an object of the chart contains {{, which Helm would interpret');
  return text;
}
