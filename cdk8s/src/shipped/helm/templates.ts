// Turns the objects of the constructs into Helm templates: the names, namespaces and labels that all of them have, the fields of
// their kind that are values, and the conditions of objects that values enable.
import { JsonPatch } from 'cdk8s';
import { NAMESPACE, OPERATOR_NAME } from '../../install/operator-deployment.ts';
import { ACCOUNT_NAME, FULL_NAME, labelsOf, NAMESPACE_VALUE } from './helpers.ts';
import { type KubeObject, nameOf } from './kube-object.ts';
import { conditionOf, patches, replaceNames } from './operator-templates.ts';
import { Placeholders } from './placeholders.ts';

/** Both variants of the objects of an install, as a condition decides: all of the first, and those of the second that differ. */
export function variantsTemplate(
  condition: string,
  first: readonly KubeObject[],
  second: readonly KubeObject[],
): string {
  const others = new Map(second.map((object) => [identity(object), template(object)]));
  const texts = first.map((object) => {
    const [text, other] = [template(object), others.get(identity(object))];
    const either = text === other ? text : conditional(condition, text, other);
    const enabled = conditionOf(object);
    return enabled === undefined ? either : conditional(enabled, either);
  });
  return texts.join('');
}

const identity = ({ kind, metadata }: KubeObject) => `${kind} ${nameOf(metadata)}`;

export function conditional(condition: string, text: string, otherwise?: string): string {
  return `{{- if ${condition} }}\n${text}${otherwise === undefined ? '' : `{{- else }}\n${otherwise}`}{{- end }}\n`;
}

/** One object, by default a part of the operator. `change` adds placeholders. */
export function template(
  object: KubeObject,
  {
    component = 'operator',
    change = patches[object.kind],
  }: { component?: string; change?: (typeof patches)[string] } = {},
): string {
  const placeholders = new Placeholders();
  const common = withCommonFields(object, placeholders, component);
  const changed = JsonPatch.apply(common, ...(change?.(placeholders, object) ?? []));
  return `---\n${replaceNames(placeholders.print([changed]))}`;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

function withCommonFields(object: KubeObject, p: Placeholders, component: string): KubeObject {
  const { name, namespace, labels = {}, ...others } = object.metadata as Metadata;
  const namespaced = namespace === undefined ? {} : { namespace: p.value(`${NAMESPACE_VALUE} | quote`) };
  // All operators of a namespace share the Lease, and the objects of the cluster are those of its only release.
  const isNamed = namespace !== undefined && object.kind !== 'Lease';
  const nameOrValue = isNamed ? named(name, p) : name;
  const all = p.yaml(labelsOf(component, otherLabels(labels)));
  return {
    ...object,
    metadata: { name: nameOrValue, ...namespaced, ...others, labels: all },
    ...referencesOf(object, p),
  };
}

function named(name: string, p: Placeholders): string {
  return name.startsWith(OPERATOR_NAME) ? p.text(`{{ ${FULL_NAME} }}${name.slice(OPERATOR_NAME.length)}`) : name;
}

/** Labels that have a meaning of their own. */
function otherLabels(labels: Readonly<Record<string, string>>): string {
  const others = Object.entries(labels).filter(([label]) => !label.startsWith('app.kubernetes.io/'));
  return `(dict${others.map(([label, value]) => ` "${label}" "${value}"`).join('')})`;
}

interface Binding {
  readonly subjects?: readonly { readonly name: string; readonly namespace?: string }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
}

function referencesOf(object: KubeObject, p: Placeholders): Binding {
  const { subjects, roleRef } = object as Binding;
  if (!subjects || !roleRef) return {};
  return {
    subjects: subjects.map((subject) => ({
      ...subject,
      name: subject.name === OPERATOR_NAME ? p.value(ACCOUNT_NAME) : subject.name,
      ...(subject.namespace === NAMESPACE && { namespace: p.value(`${NAMESPACE_VALUE} | quote`) }),
    })),
    roleRef: roleRef.kind === 'Role' ? { ...roleRef, name: named(roleRef.name, p) } : roleRef,
  };
}
