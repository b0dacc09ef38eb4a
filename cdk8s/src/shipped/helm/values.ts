// What users of the Helm chart can set: the values with what they are by default, and the schema that refuses others.

import { DNS_LABEL, DNS_SUBDOMAIN } from '@konductor/schema';
import { Yaml } from 'cdk8s';
import { DEFAULT_RESOURCES } from '../../install/operator-props.ts';
import { QUANTITY_PATTERN } from '../../install/quantity.ts';
import { MAX_COUNT } from '../../props/rules.ts';

/** The text of values.yaml. */
export function valuesYaml(repository: string): string {
  const resources = indent(Yaml.stringify(DEFAULT_RESOURCES));
  return `# Where the operator lives; the namespace must be there. Empty: the release's.
namespace: ""

# How many stand ready; one of them works.
replicas: 1

image:
  # Nobody publishes it: build it with "npm run images", and load or push it.
  repository: ${repository}
  # Empty: the chart's appVersion.
  tag: ""
  # Such as sha256:…, and then the tag says nothing. Empty: by the tag.
  digest: ""
  pullPolicy: IfNotPresent

# Secrets of the operator's namespace with which its image is pulled, such as [{name: my-registry}].
imagePullSecrets: []

# Of the operator's container.
resources:
${resources}`;
}

function indent(yaml: string): string {
  return yaml.replace(/^(?=.)/gm, '  ');
}

const text = (pattern: string) => ({ type: 'string', pattern });
const emptyOr = (pattern: string) => text(`^$|${pattern}`);
const amounts = {
  type: 'object',
  additionalProperties: { type: ['string', 'number'], pattern: QUANTITY_PATTERN, minimum: 0 },
};

/** The content of values.schema.json: a value that nobody reads is refused rather than ignored. */
export const valuesSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  // Null takes a default away, and no template goes without these.
  required: ['replicas', 'image'],
  properties: {
    // What charts that this one is a part of share with it.
    global: { type: 'object' },
    namespace: emptyOr(DNS_LABEL.source),
    replicas: { type: 'integer', minimum: 0, maximum: MAX_COUNT },
    image: {
      type: 'object',
      additionalProperties: false,
      required: ['repository', 'pullPolicy'],
      properties: {
        repository: text('^\\S+$'),
        tag: emptyOr('^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$'),
        digest: emptyOr('^[a-z0-9]+:[a-f0-9]{32,}$'),
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      },
    },
    imagePullSecrets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: text(DNS_SUBDOMAIN.source) },
      },
    },
    resources: {
      type: 'object',
      additionalProperties: false,
      properties: { requests: amounts, limits: amounts },
    },
  },
};
