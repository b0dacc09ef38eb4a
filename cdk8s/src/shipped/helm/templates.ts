// Makes Helm templates of the objects that the constructs make: placeholders stand where a value belongs until they are
// printed, then what Helm fills in takes their place.
import { Yaml } from 'cdk8s';
import { NAMESPACE, OPERATOR_IMAGE } from '../../install/operator-deployment.ts';

/** A Kubernetes object as a chart renders it. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: object;
  readonly [field: string]: unknown;
}

/** In Helm's language: where the operator lives. */
export const NAMESPACE_VALUE = '.Values.namespace | default .Release.Namespace';

/** In Helm's language: by the digest where there is one, else by the tag. */
const IMAGE =
  '{{ if .Values.image.digest }}{{ printf "%s@%s" .Values.image.repository .Values.image.digest | quote }}' +
  '{{ else }}{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}{{ end }}';

interface Parameter {
  /** The field whose value the user decides on, wherever it is. */
  readonly field: string;
  /** Other values of a field of that name are left alone. */
  readonly replaces: (value: unknown) => boolean;
  /** What Helm is told, for a place that is indented by so many spaces. */
  readonly expression: (indent: number) => string;
  /** In Helm's language: without it, there is no such field. Absent: the field is always there. */
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
    // Those of a rule are a list.
    replaces: (value) => !Array.isArray(value),
    expression: (indent) => `{{- toYaml .Values.resources | nindent ${indent + 2} }}`,
  },
];

const placeholder = (index: number) => `konductor-placeholder-${index}`;
/** A field with its placeholder, as it is printed. */
const PLACEHOLDER_LINE = /^( *(?:- )?)(.*): konductor-placeholder-(\d+)$/gm;

/** What users of the chart decide on, in place of what the objects say. */
export function valuesTemplate(objects: readonly KubeObject[]): string {
  const marked = JSON.parse(JSON.stringify(objects), mark) as KubeObject[];
  return template(marked).replace(PLACEHOLDER_LINE, (_, lead: string, field: string, index: string) => {
    return filledIn(lead, field, parameters[Number(index)] as Parameter);
  });
}

function filledIn(lead: string, field: string, { expression, condition }: Parameter): string {
  const line = `${lead}${field}: ${expression(lead.length)}`;
  return condition === undefined ? line : `{{- if ${condition} }}\n${line}\n{{- end }}`;
}

function mark(field: string, value: unknown): unknown {
  const index = parameters.findIndex((parameter) => parameter.field === field && parameter.replaces(value));
  return index < 0 ? value : placeholder(index);
}

/** The objects as they are. Throws when Helm would read something else. */
export function template(objects: readonly KubeObject[]): string {
  const text = Yaml.stringify(...objects);
  if (text.includes('{{')) throw new Error('an object of the chart has {{ in it, which Helm would take for its own');
  return text;
}
