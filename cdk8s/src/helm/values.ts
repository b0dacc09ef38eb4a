// What users of the Helm chart can set: the values with what they are by default, and the schema that refuses others.
import { Yaml } from 'cdk8s';
import { DEFAULT_RESOURCES } from '../operator-props.ts';

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

const string = { type: 'string' };
const amounts = { type: 'object', additionalProperties: { type: ['string', 'number'] } };

/** The content of values.schema.json: a value that nobody reads is refused rather than ignored. */
export const valuesSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    // What charts that this one is a part of share with it.
    global: { type: 'object' },
    namespace: string,
    replicas: { type: 'integer', minimum: 0 },
    image: {
      type: 'object',
      additionalProperties: false,
      required: ['repository'],
      properties: {
        repository: { ...string, minLength: 1 },
        tag: string,
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      },
    },
    imagePullSecrets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { ...string, minLength: 1 } },
      },
    },
    resources: {
      type: 'object',
      additionalProperties: false,
      properties: { requests: amounts, limits: amounts },
    },
  },
};
