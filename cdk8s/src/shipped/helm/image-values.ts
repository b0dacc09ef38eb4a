// The values of images, and of what their containers may use.
import { DNS_SUBDOMAIN } from '@konductor/schema';
import { IMAGE_REPOSITORY } from '../../version.ts';
import { emptyOr, type Group, group, type Value, value } from './declaration.ts';

export function image(name: string, description: string): Group {
  const values = {
    registry: emptyOr(
      'Registry, in the place of the one in `repository`. Default: that of `global.imageRegistry`, if it is set.',
      '^\\S+$',
    ),
    repository: value(
      'No registry serves names that begin with `localhost/`: build the image with `npm run images` and load it into the nodes, or push it to your registry and set its name.',
      `${IMAGE_REPOSITORY}/${name}`,
      { type: 'string', pattern: '^\\S+$' },
    ),
    tag: emptyOr('Default: the appVersion of the chart.', '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$'),
    digest: emptyOr('For example `sha256:…`; overrides the tag.', '^[a-z0-9]+:[a-f0-9]{32,}$'),
    pullPolicy: value('', 'IfNotPresent', { enum: ['Always', 'IfNotPresent', 'Never'] }),
  };
  return group(description, values, { required: ['repository', 'pullPolicy'] });
}

const name = { type: 'string', pattern: DNS_SUBDOMAIN.source };
const named = { type: 'object', additionalProperties: false, required: ['name'], properties: { name } };

/** As Kubernetes writes them, or only their names. */
export function pullSecrets(description: string): Value {
  return value(`${description} Example: \`[my-registry]\`.`, [], { type: 'array', items: { oneOf: [name, named] } });
}

// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, without negative ones
const QUANTITY = '^([0-9]+\\.?[0-9]*|\\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$';
const quantities = {
  type: 'object',
  additionalProperties: { type: ['string', 'number'], pattern: QUANTITY, minimum: 0 },
};

export function resources(description: string, initial: object): Value {
  const properties = { requests: quantities, limits: quantities };
  return value(description, initial, { type: 'object', additionalProperties: false, properties });
}
